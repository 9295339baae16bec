/** `rules` of `wrangler.toml` make it a text. */
declare module "*/openapi.json" {
  const text: string;
  // oxlint-disable-next-line import/no-default-export -- a module that is a text has no other export
  export default text;
}
