/** Who the page is to the Worker: whether calls are let in, and by which token. */

import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { type CallFailure, type Client, createUncheckedClient } from "../../shared/client/unchecked.ts";
import { isToken, tokenIn } from "./fragment.ts";
import { type Standing, standingAfter } from "./standing.ts";
import { address, send, tokens } from "./system.ts";

export type Session = {
  readonly standing: Standing;
  /** Calls of the API; a signal ends the one it is given to. */
  readonly client: (signal?: AbortSignal) => Client<Response>;
  /** False where that is no token. */
  readonly signIn: (token: string) => boolean;
  readonly signOut: () => void;
  readonly retry: () => void;
  readonly hasToken: boolean;
};

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("there is no session here");
  return session;
}

const letIn: Standing = { kind: "let-in" };

export function SessionProvider({ children }: { readonly children: ComponentChildren }) {
  const [token, setToken] = useState(takeToken);
  const [standing, setStanding] = useState<Standing>(letIn);
  useEffect(
    () =>
      address.onFragment(() => {
        setToken(takeToken());
        setStanding(letIn);
      }),
    [],
  );
  // Does not change with the standing: whatever polls goes on with the client it has.
  const client = useMemo(() => clientOf(token, setStanding), [token]);
  const session: Session = {
    standing,
    client,
    hasToken: token !== null,
    retry: () => setStanding(letIn),
    signIn: (given) => {
      if (!isToken(given)) return false;
      tokens.keep(given);
      setToken(given);
      setStanding(letIn);
      return true;
    },
    signOut: () => {
      tokens.forget();
      setToken(null);
      setStanding({ kind: "signed-out", wasRefused: false });
    },
  };
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

/** From the fragment, which is gone from the address at once, else what this tab has. */
function takeToken(): string | null {
  const given = tokenIn(address.fragment());
  if (given === null) return tokens.load();
  tokens.keep(given);
  address.replace(address.search());
  return given;
}

function clientOf(token: string | null, onStanding: (standing: Standing) => void): Session["client"] {
  const heed = <T extends { readonly kind: string; readonly failure?: CallFailure }>(reply: T): T => {
    const standing = standingAfter(reply.failure, token, tokens.load());
    if (standing !== null) onStanding(standing);
    return reply;
  };
  return (signal) => {
    const sent = createUncheckedClient({
      url: "",
      token,
      send: (url, request) => send(url, request, signal),
    });
    return {
      call: async (id, input) => heed(await sent.call(id, input)),
      poll: async (id, input, etag) => heed(await sent.poll(id, input, etag)),
      open: async (id, input, headers) => heed(await sent.open(id, input, headers)),
    };
  };
}
