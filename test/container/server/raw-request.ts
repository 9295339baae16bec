import { connect } from "node:net";

/** What a server says to a request written by hand; the connection stays open on this side until it answers. */
export async function rawRequest(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) {
    answer += String(chunk);
    if (answer.includes("\r\n\r\n")) break;
  }
  return answer;
}
