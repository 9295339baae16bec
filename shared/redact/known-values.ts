/** Every written form of a secret value that tools commonly produce. */

/** Shorter values occur in ordinary text by chance. */
export const minKnownChars = 6;
/** Of a multi-line value each line this long is a secret of its own: logs print them one by one. */
const minLineChars = 16;

/** The texts to look for, each once; `***` at their ends is left to the mask. */
export function needlesOf(secrets: readonly string[]): readonly string[] {
  const values = secrets.flatMap((secret) => [secret, secret.trim(), ...longLines(secret)]);
  const needles = [...new Set(values)].filter((value) => value.length >= minKnownChars).flatMap(formsOf);
  const trimmed = needles.map((needle) => needle.replace(/^\*+|\*+$/g, ""));
  return [...new Set(trimmed)].filter((needle) => needle.length >= minKnownChars);
}

/** User names under which git carries a token in a basic credential. */
const gitUsers = ["x-access-token:", "oauth2:"] as const;

function longLines(secret: string): readonly string[] {
  if (!secret.includes("\n")) return [];
  return secret.split(/\r?\n/).filter((line) => line.length >= minLineChars);
}

function formsOf(value: string): readonly string[] {
  const bytes = utf8(value);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const once = JSON.stringify(value).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  return [
    value,
    ...percentForms(value, bytes),
    ...base64Forms(bytes),
    ...gitUsers.flatMap((user) => base64Forms(utf8(user + value), user.length)),
    hex,
    hex.toUpperCase(),
    ...[once, twice].flatMap((json) => [json, json.replaceAll("/", "\\/"), toAsciiJson(json)]),
    ...xmlForms(value),
  ];
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** As `encodeURIComponent` writes it, as strict encoders do, as forms do, and with every byte escaped. */
function percentForms(value: string, bytes: Uint8Array): readonly string[] {
  const escape = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  const isPlain = (byte: number): boolean => /[A-Za-z0-9_.~-]/.test(String.fromCharCode(byte));
  const strict = Array.from(bytes, (byte) => (isPlain(byte) ? String.fromCharCode(byte) : escape(byte))).join(
    "",
  );
  const all = Array.from(bytes, escape).join("");
  const lenient = encodeURIComponent(value.toWellFormed());
  const forms = [lenient, strict, strict.replaceAll("%20", "+"), encodeURI(value.toWellFormed()), all];
  return forms.flatMap((form) => [form, form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

/**
 * Base64 of the bytes inside any longer text: at each of the three alignments, without the characters at both ends that
 * depend on the neighbours; and the base64 of the bytes alone. `skip` leading bytes are context that need not be masked.
 */
function base64Forms(bytes: Uint8Array, skip = 0): readonly string[] {
  const inner = [0, 1, 2].map((shift) => {
    const padded = new Uint8Array(shift + bytes.length);
    padded.set(bytes, shift);
    const head = Math.ceil(((shift + skip) * 8) / 6);
    const tail = Math.floor((padded.length * 8) / 6);
    return toBase64(padded).slice(head, tail);
  });
  const whole = toBase64(bytes);
  return [...inner, whole, whole.replace(/=+$/, "")].flatMap((form) => [
    form,
    form.replaceAll("+", "-").replaceAll("/", "_"),
  ]);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function toAsciiJson(json: string): string {
  return json.replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function xmlForms(value: string): readonly string[] {
  const text = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const attribute = text.replaceAll('"', "&quot;");
  const quoted = ["&apos;", "&#39;", "&#x27;"].flatMap((apostrophe) => [
    attribute.replaceAll("'", apostrophe),
    attribute.replaceAll("'", apostrophe).replaceAll("&quot;", "&#34;"),
  ]);
  return [text, attribute, ...quoted];
}
