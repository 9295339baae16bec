export type Deferred<T> = {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
};

export function createDeferred<T>(): Deferred<T> {
  return Promise.withResolvers<T>();
}
