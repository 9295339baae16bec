/** The program that opens an address in the browser of whoever sits here; null where nobody does. */
export function desktopOpener(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
): "xdg-open" | "open" | null {
  const has = (name: string): boolean => (env[name] ?? "") !== "";
  // A build machine, or a shell from elsewhere: what opens there is seen by nobody.
  if (has("CI") || has("SSH_CONNECTION")) return null;
  if (platform === "darwin") return "open";
  return platform === "linux" && (has("DISPLAY") || has("WAYLAND_DISPLAY")) ? "xdg-open" : null;
}
