import { type ModelServer, scriptedModelId } from "./model/model-server.ts";

export type DemoModel = {
  readonly label: string;
  readonly id: string;
  readonly baseUrl: string;
  readonly key: string;
};

/** The model that needs no network and no key; its label says that it is none. */
export function scriptedModel(server: ModelServer, token: string): DemoModel {
  return {
    label: "scripted: a local server that chooses each step from the last tool result; no model is involved",
    id: scriptedModelId,
    baseUrl: server.url,
    key: token,
  };
}

/** A model behind an OpenAI-compatible endpoint, or what is missing for it. */
export function readRealModel(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): DemoModel | string {
  if (name === "") return "--model takes the name of a model";
  const key = env["OPENAI_API_KEY"];
  if (key === undefined || key === "") return "--model needs OPENAI_API_KEY in the environment";
  const given = env["OPENAI_BASE_URL"];
  const baseUrl = given === undefined || given === "" ? "https://api.openai.com/v1" : given;
  if (!URL.canParse(baseUrl)) return `OPENAI_BASE_URL is not a URL: ${baseUrl}`;
  return { label: `${name} at ${baseUrl}`, id: name, baseUrl, key };
}
