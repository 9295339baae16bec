import { test } from "vitest";
import { desktopOpener } from "../../shared/desktop.ts";
import { toPageUrl } from "../../shared/page-url.ts";

test.for([
  ["http://127.0.0.1:8787", "http://127.0.0.1:8787/?board=main#token=t"],
  ["https://holt.example.com/", "https://holt.example.com/?board=main#token=t"],
  ["https://example.com/holt", "https://example.com/holt/?board=main#token=t"],
] as const)("the page of a Worker at %s", ([url, page], { expect }) => {
  expect(toPageUrl(url, { board: "main", token: "t" })).toBe(page);
});

test("a token is whole again for whoever reads the fragment, and stands nowhere else", ({ expect }) => {
  const token = "a&b=c#d%20+é";
  const page = new URL(toPageUrl("http://127.0.0.1:8787", { board: "team-a", token }));
  expect(new URLSearchParams(page.hash.slice(1)).get("token")).toBe(token);
  expect(page.pathname + page.search).toBe("/?board=team-a");
  expect(toPageUrl("http://127.0.0.1:8787", { board: "team-a", token: null })).toBe(
    "http://127.0.0.1:8787/?board=team-a",
  );
});

test("a browser is looked for only where somebody would see it", ({ expect }) => {
  expect(desktopOpener("linux", { DISPLAY: ":0" })).toBe("xdg-open");
  expect(desktopOpener("linux", { WAYLAND_DISPLAY: "wayland-0" })).toBe("xdg-open");
  expect(desktopOpener("darwin", {})).toBe("open");
  for (const [platform, env] of [
    ["linux", {}],
    ["linux", { DISPLAY: "" }],
    ["linux", { DISPLAY: ":0", CI: "true" }],
    ["darwin", { CI: "1" }],
    ["darwin", { SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" }],
    ["win32", { DISPLAY: ":0" }],
  ] as const) {
    expect(desktopOpener(platform, env)).toBeNull();
  }
});
