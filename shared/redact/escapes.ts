/** A value as formats write it that escape some of its characters. */

type Escape = (text: string) => string;

/** A JSON text; and one inside another. */
export function jsonForms(value: string): readonly string[] {
  const once = json(value);
  return [once, json(once)].flatMap((form) => [form, form.replaceAll("/", "\\/"), asciiJson(form)]);
}

/** JSON of encoders that escape what means something to HTML, and what is put into JSON oftener than twice. */
export function rareJsonForms(value: string): readonly string[] {
  const plain = json(value);
  const once = [...htmlSafe.map((escape) => escape(plain)), dotNetJson(value)];
  const twice = once.map(json);
  return [...once, ...twice, json(json(plain)), ...twice.map(json)];
}

/** As `encodeURIComponent` writes it, as strict encoders, forms and `URL` do, and with every byte escaped. */
export function percentForms(value: string): readonly string[] {
  const text = value.toWellFormed();
  const strict = percentEncoded(text, /[A-Za-z0-9_.~-]/);
  const forms = [
    encodeURIComponent(text),
    strict,
    strict.replaceAll("%20", "+"),
    new URLSearchParams({ v: text }).toString().slice("v=".length),
    encodeURI(text),
    userinfoForm(text),
    percentEncoded(text, /(?!)/),
  ];
  return forms.flatMap((form) => [form, form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

export function xmlForms(value: string): readonly string[] {
  const text = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const attribute = text.replaceAll('"', "&quot;");
  const quoted = ["&apos;", "&#39;", "&#x27;"].flatMap((apostrophe) => [
    attribute.replaceAll("'", apostrophe),
    attribute.replaceAll("'", apostrophe).replaceAll("&quot;", "&#34;"),
  ]);
  return [text, attribute, ...quoted];
}

/** As shells, languages and tables write it between quotes, or with a backslash before what is special. */
export function quotedForms(value: string): readonly string[] {
  return [
    value.replaceAll("'", "'\\''"),
    value.replaceAll("'", `'"'"'`),
    value.replaceAll(/[\\"$`]/g, "\\$&"),
    value.replaceAll(/[^A-Za-z0-9_@%+=:,./\n-]/g, "\\$&"),
    value.replaceAll("'", "''"),
    value.replaceAll('"', '""'),
    ...inspected(value),
  ];
}

/** As Node's `inspect` and `repr` of Python show it, in quotes of either kind. */
function inspected(value: string): readonly string[] {
  const hex = (char: string): string => `\\x${toHex(char, 2)}`;
  const shown = value
    .replaceAll("\\", "\\\\")
    .replaceAll(/[\n\r\t]/g, json)
    // oxlint-disable-next-line no-control-regex -- these are what is escaped
    .replaceAll(/[\u0000-\u001f\u007f]/g, (char) => hex(char).toUpperCase().replace("X", "x"));
  const lower = shown.replaceAll(/\\x[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const short = shown.replaceAll("\\x08", "\\b").replaceAll("\\x0B", "\\v").replaceAll("\\x0C", "\\f");
  return [shown, lower, short].flatMap((form) => [form, form.replaceAll("'", "\\'")]);
}

const json: Escape = (text) => JSON.stringify(text).slice(1, -1);
const asciiJson: Escape = (text) => text.replaceAll(/[\u007f-\uffff]/g, unicode);
/** Go's encoder; Gson. */
const htmlSafe: readonly Escape[] = [/[<>&\u2028\u2029]/g, /[<>&='\u2028\u2029]/g].map(
  (special) => (text) => text.replaceAll(special, unicode),
);
const dotNetJson: Escape = (value) =>
  json(value.replaceAll('"', "\u0001"))
    .replaceAll("\\u0001", "\\u0022")
    .replaceAll(/[&'+<>`\u007f-\uffff]/g, (char) => `\\u${toHex(char, 4).toUpperCase()}`);

function unicode(char: string): string {
  return `\\u${toHex(char, 4)}`;
}

function toHex(char: string, digits: number): string {
  return char.charCodeAt(0).toString(16).padStart(digits, "0");
}

function percentEncoded(text: string, plain: RegExp): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const char = String.fromCharCode(byte);
    return byte < 128 && plain.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** What a URL shows of a password that was given to it. */
function userinfoForm(text: string): string {
  const url = new URL("http://host/");
  url.password = text;
  return url.password;
}
