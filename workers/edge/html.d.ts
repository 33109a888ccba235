/** Imported pages, of which wrangler makes strings. */
declare module '*.html' {
  const text: string;
  export default text;
}
