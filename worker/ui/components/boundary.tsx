import { Component, type ComponentChildren } from "preact";

type BoundaryProps = {
  readonly children: ComponentChildren;
  /** What stands there where drawing failed. */
  readonly instead: ComponentChildren;
};

/** Keeps a defect in one part from taking the rest of the page along. */
export class Boundary extends Component<BoundaryProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  override componentDidCatch(error: unknown): void {
    this.setState({ isBroken: true });
    // To the console, as if nobody had caught it.
    reportError(error);
  }

  override render({ children, instead }: BoundaryProps) {
    return this.state.isBroken ? instead : children;
  }
}
