import { useState } from "preact/hooks";
import { useNavigation } from "./navigation.tsx";
import { useSession } from "./session.tsx";

/** Asks for a token where none is there or the one there is was refused. */
export function SignIn({ wasRefused }: { readonly wasRefused: boolean }) {
  const { signIn } = useSession();
  const { board, execution } = useNavigation().route;
  const [text, setText] = useState("");
  const [complaint, setComplaint] = useState(
    wasRefused ? "That token was refused. Is it one of this deployment, and complete?" : null,
  );
  return (
    <main class="notice">
      <h1>Sign in to Holt</h1>
      <p>
        Paste a token of this deployment to see{" "}
        {execution === null ? `the board ${board}` : `the execution ${execution.executionId}`}. One with the
        scope <code>read</code> shows everything; cancelling and extending take <code>dispatch</code>. It
        stays in this tab and is gone with it.
      </p>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!signIn(text.trim())) setComplaint("A token has no spaces and no characters beyond ASCII.");
        }}
      >
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          autoFocus
          value={text}
          aria-describedby={complaint === null ? undefined : "token-complaint"}
          aria-invalid={complaint !== null}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {complaint !== null && (
          <p id="token-complaint" class="complaint" role="alert">
            {complaint}
          </p>
        )}
        <button type="submit" class="button button-primary">
          Sign in
        </button>
      </form>
      <p class="quiet">
        <code>npm start</code> prints a token; for a deployment <code>npm run token</code> makes one.
      </p>
    </main>
  );
}

/** Nobody is let in: there is nothing to sign in to. */
export function NotConfigured({ why }: { readonly why: string }) {
  const { retry } = useSession();
  return (
    <main class="notice">
      <h1>This deployment lets nobody in</h1>
      <p role="alert">{why}</p>
      <p>
        Set the secret <code>HOLT_TOKENS</code> (<code>npm run token</code> prints an entry), or put
        Cloudflare Access in front with <code>HOLT_ACCESS_TEAM</code> and <code>HOLT_ACCESS_AUD</code>; then
        look again.
      </p>
      <button type="button" class="button" onClick={retry}>
        Look again
      </button>
    </main>
  );
}
