/** What wrangler makes of an imported page: its text. */
declare module '*.html' {
  const text: string;
  export default text;
}
