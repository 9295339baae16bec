/** A value as tools write it. */
export type Form = {
  readonly name: string;
  readonly text: string;
  /** What of it no neighbouring text can change. */
  readonly core: string;
};

/** The twelve encodings that Holt promises to know, and two of them in another hand. */
export function formsOf(value: string): readonly Form[] {
  const bytes = Buffer.from(value);
  const everyByte = [...bytes].map((byte) => `%${byte.toString(16)}`).join("");
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2].map((shift) => Buffer.from("x".repeat(shift) + value).toString("base64"));
  const basic = Buffer.from(user + value).toString("base64");
  const once = toJson(value);
  return [
    whole("as it is", value),
    whole("percent-encoded", encodeURIComponent(value)),
    whole("percent-encoded byte by byte", everyByte),
    ...base64.map((text, shift) => inner(`in base64 shifted by ${shift}`, text)),
    inner("in url-safe base64", bytes.toString("base64url")),
    {
      name: "in the base64 of a git login",
      text: basic,
      core: basic.slice(user.length + user.length / 3, -4),
    },
    whole("in hex", hex),
    whole("in a JSON string", once),
    whole("in a JSON string of a JSON string", toJson(once)),
    whole("in XML", toXml(value)),
    whole("percent-encoded byte by byte in capitals", everyByte.toUpperCase()),
    whole("in hex in capitals", hex.toUpperCase()),
  ];
}

/** All forms in one text, each between blanks; percent-encoded also as the password of an address. */
export function inEveryForm(value: string): string {
  const address = `https://${user}${encodeURIComponent(value)}@git.invalid/o/r.git`;
  return [...formsOf(value).map(({ text }) => text), address].join(" ");
}

/** What to look for: a text in JSON lies in rows, answers and log lines that are JSON again. */
export function formsToFind(value: string): readonly Form[] {
  const twice = toJson(toJson(value));
  return [
    ...formsOf(value),
    whole("in JSON three times over", toJson(twice)),
    whole("in JSON four times over", toJson(toJson(twice))),
    whole("in XML in a JSON string", toJson(toXml(value))),
  ];
}

/** Its fifteen characters fill twenty of base64 exactly. */
const user = "x-access-token:";

function whole(name: string, text: string): Form {
  return { name, text, core: text };
}

function inner(name: string, text: string): Form {
  return { name, text, core: text.slice(4, -4) };
}

function toJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function toXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
