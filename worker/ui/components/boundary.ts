import { Component, type ComponentChildren } from "preact";

type BoundaryProps = {
  readonly children: ComponentChildren;
  /** What stands there where drawing failed. */
  readonly instead: ComponentChildren;
  /** What is drawn: where it is another, drawing is tried again. */
  readonly of: unknown;
};

type Broken = { readonly of: unknown };

/** Keeps a defect in one part from taking the rest of the page along. */
export class Boundary extends Component<BoundaryProps, { readonly broken: Broken | null }> {
  override state = { broken: null };

  override componentDidCatch(error: unknown): void {
    this.setState({ broken: { of: this.props.of } });
    // To the console, as if nobody had caught it.
    reportError(error);
  }

  override render({ children, instead, of }: BoundaryProps, { broken }: { readonly broken: Broken | null }) {
    return broken !== null && broken.of === of ? instead : children;
  }
}
