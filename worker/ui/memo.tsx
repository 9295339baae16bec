import { Component, type FunctionComponent, h, type RenderableProps } from "preact";

/** Drawn again only where a property is another one: what did not change between two answers costs nothing. */
export function memo<P extends object>(Drawn: FunctionComponent<P>): new (props: P) => Component<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before = new Map<string, unknown>(Object.entries(this.props));
      return Object.entries(next).some(([name, value]) => before.get(name) !== value);
    }
    override render(props: RenderableProps<P>) {
      return h(Drawn, props);
    }
  };
}
