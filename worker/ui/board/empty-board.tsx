import { useNavigation } from "../navigation.tsx";

/** What to do where no execution was ever on the board. */
export function EmptyBoard({ origin }: { readonly origin: string }) {
  const { route } = useNavigation();
  const board = route.board === "main" ? "" : ` --board ${route.board}`;
  const field = route.board === "main" ? "" : `, with "board": "${route.board}" in it`;
  const dispatch = [
    `export HOLT_URL=${origin} HOLT_TOKEN=…`,
    `npx --no-install holt dispatch --wait${board} --mode explore --model gpt-5.5 \\`,
    "  --repo https://github.com/you/app --branch main --system 'You explain code.' \\",
    "  --prompt 'What does this repository do?' --set proxyBaseUrl=https://api.openai.com/v1 \\",
    "  --env sessionToken=OPENAI_API_KEY --env ghToken=GITHUB_TOKEN",
  ].join("\n");
  const post = [
    `curl -X POST ${origin}/v1/executions/exec_1/jobs \\`,
    '  -H "authorization: Bearer $HOLT_TOKEN" -H "content-type: application/json" -d @job.json',
  ].join("\n");
  return (
    <section class="empty" aria-labelledby="empty-title">
      <h2 id="empty-title">Nothing was dispatched to this board yet</h2>
      <p>
        An execution shows here from its first dispatch on. In a clone of Holt, with a token of the scope{" "}
        <code>dispatch</code>:
      </p>
      <pre tabIndex={0} aria-label="With the command line">
        {dispatch}
      </pre>
      <p>
        Or over HTTP, with a body like <code>examples/execution-dispatch.json</code>
        {field}:
      </p>
      <pre tabIndex={0} aria-label="With curl">
        {post}
      </pre>
    </section>
  );
}
