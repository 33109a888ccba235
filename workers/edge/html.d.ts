/** An imported page, of which wrangler makes its text. */
declare module '*.html' {
  const text: string;
  export default text;
}
