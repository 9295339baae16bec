import { type ModelServer, scriptedModelId } from "./model/model-server.ts";

export type DemoModel = {
  readonly label: string;
  readonly id: string;
  readonly baseUrl: string;
  readonly key: string;
};

/** The scripted model unless one is named: what the environment holds does not choose. Throws where its key is missing. */
export function modelFrom(name: string | undefined, scripted: ModelServer, scriptedToken: string): DemoModel {
  if (name === undefined) {
    return {
      label:
        "scripted: a local server that chooses each step from the last tool result; no model is involved",
      id: scriptedModelId,
      baseUrl: scripted.url,
      key: scriptedToken,
    };
  }
  const key = process.env["OPENAI_API_KEY"];
  if (key === undefined || key === "") throw new Error("--model needs OPENAI_API_KEY in the environment");
  const baseUrl = process.env["OPENAI_BASE_URL"] ?? "https://api.openai.com/v1";
  return { label: `${name} at ${baseUrl}`, id: name, baseUrl, key };
}
