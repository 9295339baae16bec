import { BoardPage } from "./board/board-page.tsx";
import { ExecutionPage } from "./execution/execution-page.tsx";
import { NavigationProvider, useNavigation } from "./navigation.tsx";
import { SessionProvider, useSession } from "./session.tsx";
import { NotConfigured, SignIn } from "./sign-in.tsx";

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
      return <SignIn wasRefused={standing.wasRefused} />;
    case "not-configured":
      return <NotConfigured why={standing.why} />;
    case "let-in":
      return route.execution === null ? <BoardPage /> : <ExecutionPage open={route.execution} />;
  }
}
