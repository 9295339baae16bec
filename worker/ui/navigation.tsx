import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { firstRoute, parseRoute, type Route, toSearch } from "./route.ts";
import { address } from "./system.ts";

export type Navigation = {
  readonly route: Route;
  /** Changes what is named. `replace` leaves no step to go back to, as while a filter is typed. */
  readonly go: (change: Partial<Route>, how?: "push" | "replace") => void;
  /** Whether something else was shown before: the focus is not where the browser would put it. */
  readonly hasMoved: boolean;
  /** Where a link to that leads. */
  readonly href: (change: Partial<Route>) => string;
};

const NavigationContext = createContext<Navigation>({
  route: firstRoute,
  hasMoved: false,
  go: () => undefined,
  href: () => "/",
});

export const useNavigation = (): Navigation => useContext(NavigationContext);

/** Keeps the address and what is shown in step, back and forward included. */
export function NavigationProvider({ children }: { readonly children: ComponentChildren }) {
  const [search, setSearch] = useState(address.search);
  const [first] = useState(search);
  useEffect(() => address.onBack(() => setSearch(address.search())), []);
  const navigation = useMemo((): Navigation => {
    const route = parseRoute(search);
    return {
      route,
      hasMoved: search !== first,
      href: (change) => `/${toSearch({ ...route, ...change })}`,
      go: (change, how = "push") => {
        const next = toSearch({ ...parseRoute(address.search()), ...change });
        if (how === "push") address.push(next);
        else address.replace(next);
        setSearch(next);
      },
    };
  }, [search]);
  return <NavigationContext.Provider value={navigation}>{children}</NavigationContext.Provider>;
}

type LinkProps = {
  readonly to: Partial<Route>;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly label?: string;
  /** Whether that is what is shown. */
  readonly current?: boolean;
};

/** A link within the page: a click shows it without a reload, and every other way of opening a link works as ever. */
export function Link({ to, children, class: className, label, current }: LinkProps) {
  const { go, href } = useNavigation();
  return (
    <a
      class={className}
      href={href(to)}
      aria-label={label}
      aria-current={current === undefined ? undefined : current ? "page" : "false"}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
