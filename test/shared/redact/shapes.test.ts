import { describe, test } from "vitest";
import { createRedactor, redact } from "../../../shared/redact.ts";
import { base64, noise, tokens } from "./samples.ts";

const value = noise(32, 11);
const esc = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Texts with a secret, and what becomes of them. */
const masked: ReadonlyArray<readonly [text: string, out: string]> = [
  [`Authorization: Bearer ${value}`, "Authorization: Bearer ***"],
  [`curl -H "Authorization: Basic ${base64(`me:${value}`)}" x`, 'curl -H "Authorization: Basic ***" x'],
  [`proxy-authorization: token ${value}`, "proxy-authorization: token ***"],
  ['{"password":"hunter2","token":"abcdef"}', '{"password":"***","token":"abcdef"}'],
  [`{"password":"hunter2","token":"${value}"}`, '{"password":"***","token":"***"}'],
  [esc(`{"password":"hunter2","apiKey":"${value}"}`), esc('{"password":"***","apiKey":"***"}')],
  [esc(esc(`{"clientSecret":"${value}"}`)), esc(esc('{"clientSecret":"***"}'))],
  ["{ password: 'my secret pass phrase' }", "{ password: '***' }"],
  ['PASSWORD="two words here"', 'PASSWORD="***"'],
  ["PGPASS=abc1,def", "PGPASS=***"],
  [
    "SECRET_TOKEN=hunter2hunter2\nAPI_KEY=letmein123\nPGPASS=abc",
    "SECRET_TOKEN=***\nAPI_KEY=***\nPGPASS=***",
  ],
  ["DB_PASSWORD=hunter2\nDEBUG=1", "DB_PASSWORD=***\nDEBUG=1"],
  ["DATABASE_URL=postgres://u:p4ss@h/d", "DATABASE_URL=postgres://***@h/d"],
  ["mongodb+srv://u:p4ss@h/d and amqps://u:p4ss@h", "mongodb+srv://***@h/d and amqps://***@h"],
  ["ssh://git:tok3n@host/x", "ssh://***@host/x"],
  ["https://user:p@ss/word@host/x", "https://***@host/x"],
  ["$ deploy --password hunter2 --verbose", "$ deploy --password *** --verbose"],
  [`$ deploy --api-key=${value} --token '${value}'`, "$ deploy --api-key=*** --token '***'"],
  ["curl -u admin:hunter2 https://h/", "curl -u admin:*** https://h/"],
  [`Cookie: sid=${value}; theme=dark`, "Cookie: sid=***; theme=dark"],
  [`?key=${value}&other=1`, "?key=***&other=1"],
  [`x-api-key: ${value}`, "x-api-key: ***"],
  [`const apiKey = "${value}";`, 'const apiKey = "***";'],
  [`githubToken := \`${value}\``, "githubToken := `***`"],
  [`"client_secret" => "${value}"`, '"client_secret" => "***"'],
  [`System.setProperty("API_TOKEN", "${value}")`, 'System.setProperty("API_TOKEN", "***")'],
  ["<password>hunter2</password>", "<password>***</password>"],
  ["<password>\n  hunter2\n</password>", "<password>\n  ***\n</password>"],
  [`machine h login me password hunter2`, "machine h login me password ***"],
  [`x\\nGITHUB_TOKEN=${value}\\ny`, "x\\nGITHUB_TOKEN=***\\ny"],
  [`-----BEGIN OPENSSH PRIVATE KEY-----\n${noise(64)}\n-----END OPENSSH PRIVATE KEY-----\nnext`, "***\nnext"],
  [
    `a.ts | -----BEGIN RSA PRIVATE KEY-----\na.ts | ${noise(64)}\na.ts | ${noise(20)}==\na.ts | -----END RSA PRIVATE KEY-----\nnext`,
    "a.ts | ***\nnext",
  ],
  [
    `-----BEGIN PRIVATE KEY-----\n${noise(64)}\nthen\nother\nlines\nfollow`,
    "***\nthen\nother\nlines\nfollow",
  ],
  [esc(`k: "-----BEGIN PRIVATE KEY-----\n${noise(64)}\n-----END PRIVATE KEY-----"`), 'k: \\"***\\"'],
];

/** What an agent's output is full of and must stay as it is. */
const readable: readonly string[] = [
  "input_tokens: 48213",
  '{"usage":{"input_tokens":48213,"cache_read_input_tokens":40112}}',
  "max_tokens=8192",
  "PWD=/workspace/repo",
  "key: string",
  "  password: string;",
  "monkey: banana keyboard=qwerty",
  "fetch(url, { credentials: 'include' })",
  "GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}",
  "password: ${DB_PASSWORD}",
  "export OPENAI_API_KEY=$OPENAI_API_KEY",
  "Author: Key Person <key@example.com>",
  "token:\n  next",
  "const token = await getToken(request);",
  "const secret = process.env.SESSION_SECRET;",
  "req.headers.set('Authorization', `Bearer ${credential}`)",
  "export const WORKFLOW_ATTR_KEY = 'temporalWorkflowId';",
  "if (token === undefined) throw new Error('missing token')",
  "map[key] = replacements[path[1][i][1]]",
  "foreignKey: { table: 'users' }, primaryKey: 'id'",
  "Missing credentials: set GITHUB_TOKEN or pass --token",
  "remote: Permission to o/r.git denied to x-access-token.",
  "https://x-access-token@github.com/o/a.git and ssh://git@github.com/o/a",
  "DATABASE_URL=postgres://localhost:5432/test",
  "commit 18346ba31b8173d52060b971221ab38c1943def0",
  "see https://github.com/o/a/pull/12 and http://127.0.0.1:8787/jobs",
  "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  "-----BEGIN CERTIFICATE-----",
  "token_type=bearer tokenType: 'Bearer'",
  'git commit -m "fix: token refresh: retry on 401"',
  "--- PASS: TestParse2 (0.00s)",
  "PASS src/auth/token.test.ts",
  '    "integrity": "sha512-uKx0Lq3nZ6Jmw9Tz==",',
  "jobId: 6f1f7f2e-4f2b-4a39-9d43-0d9f0a6a2f11",
  "def connect(host, user=None, password=None):",
  "client = Client(token=token, key_password=key_password)",
  "docker_args.append('--password=' + access_token)",
  "Adds --password and --prompt-for-password flags to the parser.",
  "  constructor(private_key: Ed25519PrivateKey, session: ClientHttp2Session) {",
  "key = load_private_key(data, password=None)",
  "if len(key) != _POLY1305_KEY_SIZE:",
  "SIGNATURE_HMAC = SIGNATURE_HMAC_SHA1",
  "return FunctionPass::getAnalysisUsage(AU);",
  "my $pwd = Cwd::getcwd();",
  'API_KEY: "apiKey"',
  'sharedDataKey = "source-map-support/sharedData"',
  "CSMAGIC_EMBEDDED_SIGNATURE = 0xfade0cc0",
  "let token: String = self.read_token()?;",
  "token, err := parser.Next()",
  "@token = Token.find_by(params[:id])",
  "$this->token = $tokens->next();",
  ".token--keyword { color: var(--token-keyword); }",
  'import { token } from "./tokens.js";',
  "docker run -u 1000:1000 --user node:node image",
  "Cache restored from key: Linux-build-9f86d081884c7d65",
  "The session is a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d",
  "3f2a9c1b8d7e6f5a is the key commit that broke it",
  "| token type | lexer.ts:88 |",
  "token          the job's token",
  "--token <token>    token for the API",
  "['access_token', 'refresh_token', 'expires_in']",
  "token,identifier_reference_2,12",
  'process.env.API_KEY ?? "missing-api-key"',
  'getSecret("prod/db/password-v2")',
  'AssertionError: expected token "foo1" to equal "bar2"',
  "function verify(token: string, secret: Uint8Array): boolean {",
  "set-cookie: theme=dark; Path=/",
  'const begin = "-----BEGIN PRIVATE KEY-----";',
];

describe("shapes of secrets", () => {
  test.for(masked)("%j loses its secret and nothing else", ([text, out], { expect }) => {
    expect(redact(text)).toBe(out);
  });

  test.for(readable)("%j stays readable", (text, { expect }) => {
    expect(redact(text)).toBe(text);
  });

  test("results lose tokens that name themselves and keep what only looks like an assignment", ({
    expect,
  }) => {
    const { redactKnown } = createRedactor([]);
    const [, token = ""] = tokens[0] ?? [];
    expect(redactKnown(`password: "hunter2", token ${token}`)).toBe('password: "hunter2", token ***');
  });
});
