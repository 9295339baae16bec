import { looksDense } from "./randomness.ts";
import { wordSet } from "./words.ts";

/** Words that stand where a secret would, and are none. */
const placeholderWords = wordSet(`
  true false null undefined none nil string number boolean object any unknown include omit same-origin
  required optional bearer basic password secret token key example test redacted hidden masked
  changeme change-me placeholder default value current-password new-password text varchar not never
  inherit auto yes no on off missing expired invalid unset empty write read admin user username env
  your
`);

/** A value that stands for one: masked already, a template, a variable, a type, a word of documentation, an alphabet. */
export function isPlaceholder(value: string): boolean {
  if (/^[*xX.•_#?-]+$/.test(value) || placeholderWords.has(value.toLowerCase())) return true;
  if (/^(?:\$|<|\{\{|\{|\[|%[({]|%[sdv]\b|!|@|&|\|)/.test(value)) return true;
  if (/\$\{|\$\(|\{\{|\}\}|<[A-Za-z_ -]{1,40}>$|xxxx|XXXX|\*\*\*\*\*|abcdefghijklm|ABCDEFGHIJKLM/.test(value))
    return true;
  // A number of a program; keys are longer.
  if (/^0x[0-9a-f]{1,16}$/i.test(value)) return true;
  return /^(?:your|insert|enter|replace)[-_ ]/i.test(value);
}

/** An expression of a program, a path, a URL: something that leads to a value. */
export function isCode(value: string): boolean {
  if (/^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*|\[[^\]]{0,60}\])+[!;,)]*$/.test(value))
    return !looksDense(value);
  if (/^\(|^[\w$.?:]{1,80}[[(]|^\w+::\w|^(?:await|new|typeof|function|async|return)\b|=>|\(\)/.test(value))
    return true;
  if (/^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(value)) return true;
  return /^(?:\.{0,2}|~|[A-Za-z]:)[/\\][\w.@/\\-]*$/.test(value) && !looksDense(value);
}
