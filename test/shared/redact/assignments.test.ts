import { describe, test } from "vitest";
import { redact } from "../../../shared/redact.ts";
import { base64, noise, noiseOf } from "./samples.ts";

/** How languages, tools and formats write a name and its value: `N` in their case, `%` the value. */
const writings: readonly string[] = [
  'acmeToken = "%"',
  "acmeToken='%'",
  'const acmeToken: string | undefined = "%";',
  'const ACME_TOKEN: &\'static str = "%";',
  'String acmeToken = "%";',
  'Dim acmeToken As String = "%"',
  'char acme_token[64] = "%";',
  'NSString *acmeToken = @"%";',
  "acme_token: str = '%'",
  "acmeToken := `%`",
  'var acmeToken string = "%"',
  '$acmeToken .= "%";',
  "define( 'ACME_TOKEN', '%' );",
  'System.setProperty("ACME_TOKEN", "%")',
  "os.environ['ACME_TOKEN'] = '%'",
  "ENV['ACME_TOKEN'] ||= '%'",
  "'acme_token' => '%',",
  ':acme-token "%"',
  'acme_token <- "%"',
  'ACME_TOKEN ?= "%"',
  'ACME_TOKEN ::= "%"',
  "export ACME_TOKEN=%",
  '$env:ACME_TOKEN = "%"',
  "set -x ACME_TOKEN %",
  "setx ACME_TOKEN %",
  "ENV ACME_TOKEN %",
  "docker run -e ACME_TOKEN=% image",
  "kubectl create secret generic x --from-literal=acme_token=%",
  "deploy --acme-token % --yes",
  "deploy --acme-token=%",
  "npm config set //registry.example.com/:_authToken %",
  "//registry.example.com/:_authToken=%",
  "acme_token: %",
  "+  acme_token: '%'",
  "acme.token = %",
  '{"acme_token": "%"}',
  '{\\"acme_token\\": \\"%\\"}',
  '{\\\\\\"acme_token\\\\\\": \\\\\\"%\\\\\\"}',
  '{"config.ini": "ACME_TOKEN=%\\nNEXT=1"}',
  '{"name": "ACME_TOKEN", "value": "%"}',
  '{\n  "name": "ACME_TOKEN",\n  "value": "%"\n}',
  "- name: ACME_TOKEN\n  value: %",
  '<add key="acmeToken" value="%" />',
  "<acmeToken>%</acmeToken>",
  "<acmeToken>\n    %\n</acmeToken>",
  '<string name="acme_token">%</string>',
  "<key>acmeToken</key>\n<string>%</string>",
  "GET /v1/items?acme_token=%&page=2",
  "x-acme-token: %",
  "curl -H 'X-Acme-Token: %' https://api.example.com/",
  "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=%;EntityPath=p",
  "acme_token: |\n  %",
  "acme_token: >-\n    %\nnext: 1",
  '["acme_token"]=>\n  string(40) "%"',
  'config.setAcmeToken("%");',
  '.acmeToken("%")',
  'let acme_token = String::from("%");',
  'acme_token: Some("%"),',
  'std::string acmeToken{"%"};',
  'ENV.fetch("ACME_TOKEN") { "%" }',
  '$ENV{ACME_TOKEN} = "%";',
  '$acmeToken ??= "%";',
  'const key = process.env.ACME_TOKEN ?? "%";',
  "const key = process.env.ACME_TOKEN || '%';",
  '#define ACME_TOKEN "%"',
  'proxy_set_header X-Acme-Token "%";',
  '["deploy", "--acme-token", "%"]',
  '[["x-acme-token","%"],["accept","*/*"]]',
  "rawHeaders: [ 'X-Acme-Token', '%' ]",
  'gh secret set ACME_TOKEN --body "%"',
  "store --name ACME_TOKEN --value %",
  "netlify env:set ACME_TOKEN %",
  '<wsse:AcmeToken Type="Text">%</wsse:AcmeToken>',
  '"acmeToken": { "value": "%" }',
  "| acme token | % |",
  "| `ACME_TOKEN` | `%` |",
  "│ acme_token │ % │",
  "acme_token          %",
  "example.com\tTRUE\t0\tacme_token\t%",
  "acme_token,%,",
  "machine h\n  login me\n  token %",
  "**Acme token:** `%`",
  "**Acme token**: %",
  "% is the acme token",
  "`%` is my token.",
  "\u001b[32macme_token\u001b[0m: \u001b[33mV\u001b[0m",
  "the acme token is %.",
];

/** What commands take a password by. */
const commands: readonly string[] = [
  "mysql -uroot -p% app",
  "mysql -h db -p'%' app",
  "sshpass -p % ssh host",
  "curl -u me:% https://h/",
  'curl --user "me:%" https://h/',
  "redis-cli -h x -a % ping",
  "docker login -u me -p % registry",
  "echo % | docker login --password-stdin",
  "printf '%' | docker login -u me --password-stdin registry",
  "openssl rsa -passin pass:% -in key",
  "machine h login me password %",
  "PGPASSWORD=% psql",
  'psql "host=db user=app password=%"',
  "jdbc:mysql://h/d?user=u&password=%",
  "jdbc:oracle:thin:scott/%@//h:1521/x",
  "Server=h;User Id=u;Password=%;Encrypt=true",
  "ALTER USER x WITH PASSWORD '%'",
  "CREATE USER x IDENTIFIED BY '%'",
  "requirepass %",
  "password: %  # of the database",
  "ldapsearch -x -D cn=admin -w % -b dc=x",
  "unzip -P % a.zip",
  "az login --service-principal -u app -p % --tenant t",
  "mongosh -u root -p % --quiet",
  "twine upload -u __token__ -p % dist/x",
  "keytool -storepass % -list",
  "echo % | wrangler secret put NAME",
  "echo '%' | sudo -S ls",
  'ConvertTo-SecureString "%" -AsPlainText',
  "db.example.com:5432:app:me:%",
];

const values: ReadonlyArray<readonly [kind: string, value: string]> = [
  ["letters and digits", noise(32, 21)],
  ["small letters and digits", noise(24, 22).toLowerCase()],
  ["hexadecimal", noiseOf("0123456789abcdef", 40, 23)],
  ["base64", base64(noise(24, 24))],
  ["a UUID", [8, 4, 4, 4, 12].map((length) => noiseOf("0123456789abcdef", length, 25)).join("-")],
  ["digits", noiseOf("0123456789", 16, 26)],
];

describe("values assigned to sensitive names", () => {
  for (const [kind, value] of values) {
    test.for(writings)(`${kind}: %j`, (writing, { expect }) => {
      expect(redact(writing.replace("%", () => value))).toBe(writing.replace("%", "***"));
    });
  }

  test.for(commands)("a password in %j", (command, { expect }) => {
    for (const value of ["hunter22", "pa55#w0rd!x", noise(16, 27)]) {
      expect(redact(command.replace("%", () => value))).toBe(command.replace("%", "***"));
    }
  });

  test("beside a provider's name noise is a secret, and words are none", ({ expect }) => {
    expect(redact(`cloudflare: "${noise(40)}"`)).toBe('cloudflare: "***"');
    expect(redact(`new_relic_id = "${noise(40)}"`)).toBe('new_relic_id = "***"');
    expect(redact(`SONAR_LOGIN = "${noise(40)}"`)).toBe('SONAR_LOGIN = "***"');
    const checksum = `  Sentry: ${noiseOf("0123456789abcdef", 40)}`;
    for (const text of ['anthropic: "claude-opus-4-8"', 'stripe: "payment provider 2026"', checksum]) {
      expect(redact(text)).toBe(text);
    }
    expect(redact("BUNDLE_GEMS__EXAMPLE__COM=us3r:pa55word")).toBe("BUNDLE_GEMS__EXAMPLE__COM=***");
  });

  test("a name on one line takes its value from the next only where it awaits one", ({ expect }) => {
    const text = `name: PORT\n  value: ${noise(32)}\n"token"\n  value: ${noise(32)}\n`;
    expect(redact(text)).toBe(text);
  });
});
