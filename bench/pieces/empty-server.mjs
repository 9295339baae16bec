// What a harness is measured against: node:http and nothing else.
import { createServer } from "node:http";

const body = process.env.BODY ?? '{"status":"ok"}';
const server = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(body);
});
server.listen(0, "127.0.0.1", () => console.log(`listening on :${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
