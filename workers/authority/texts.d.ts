/** Imported texts, of which wrangler makes strings. */
declare module '*.txt' {
  const text: string;
  export default text;
}
