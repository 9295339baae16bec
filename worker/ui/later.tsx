import { Component, type ComponentType } from "preact";
import { reload } from "./system.ts";

type LaterProps<P> = {
  readonly load: () => Promise<ComponentType<P>>;
  readonly with: P;
};

type Loaded<P> = { readonly Page: ComponentType<P> | null; readonly isBroken: boolean };

/**
 * A page whose script is loaded when it is opened. After a deployment the one that was named may be gone, or not understand
 * what the server sends.
 */
export class Later<P extends object> extends Component<LaterProps<P>, Loaded<P>> {
  override state: Loaded<P> = { Page: null, isBroken: false };

  override componentDidMount(): void {
    this.props.load().then(
      (Page) => this.setState({ Page }),
      (error: unknown) => this.componentDidCatch(error),
    );
  }

  override componentDidCatch(error: unknown): void {
    this.setState({ isBroken: true });
    // To the console, as if nobody had caught it.
    reportError(error);
  }

  override render({ with: props }: LaterProps<P>, { Page, isBroken }: Loaded<P>) {
    if (!isBroken) return Page && <Page {...props} />;
    return (
      <main class="notice">
        <h1>This part of the page cannot be shown</h1>
        <p role="alert">There may be no network, or a newer version.</p>
        <button type="button" class="button" onClick={reload}>
          Load again
        </button>
      </main>
    );
  }
}
