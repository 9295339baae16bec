import { Later } from "./later.tsx";
import { NavigationProvider, useNavigation } from "./navigation.tsx";
import { SessionProvider, useSession } from "./session.tsx";

export function App() {
  return (
    <SessionProvider>
      <NavigationProvider>
        <Pages />
      </NavigationProvider>
    </SessionProvider>
  );
}

function Pages() {
  const { standing } = useSession();
  const { route } = useNavigation();
  switch (standing.kind) {
    case "signed-out":
      return <Later key="sign-in" load={loadSignIn} with={{ wasRefused: standing.wasRefused }} />;
    case "not-configured":
      return <Later key="not-configured" load={loadNotConfigured} with={{ why: standing.why }} />;
    case "let-in":
      return route.execution === null ? (
        <Later key="board" load={loadBoard} with={{}} />
      ) : (
        <Later key="execution" load={loadExecution} with={{ open: route.execution }} />
      );
  }
}

// Each is a file of its own, loaded when it is needed: `npm run check` weighs them.
const loadBoard = async () => (await import("./board/board-page.tsx")).BoardPage;
const loadExecution = async () => (await import("./execution/execution-page.tsx")).ExecutionPage;
const loadSignIn = async () => (await import("./sign-in.tsx")).SignIn;
const loadNotConfigured = async () => (await import("./sign-in.tsx")).NotConfigured;
