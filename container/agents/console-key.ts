/** Whether a token for Claude is a key of the vendor's console, which is sent as a key and is no login. */
export function isConsoleKey(token: string): boolean {
  return token.startsWith("sk-ant-api");
}
