/** Code that is loaded after the first page. */
import type { JSX } from "preact";
import { ConnectionLost } from "../api/http.ts";
import { Trouble, useLoaded, Waiting } from "./shell.tsx";

/** Fetch all of it, each file held to the hash that index.html gives; `import()` then takes what is fetched (SRI, module map). */
export function fetchLater(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>("link[data-later]:not([rel])")) link.rel = "modulepreload";
}

/** A page whose code is loaded now. */
export function Later<M>(props: { readonly of: string; readonly load: () => Promise<M>; readonly show: (module: M) => JSX.Element }) {
  const [module] = useLoaded(props.of, () => {
    fetchLater();
    return props.load().catch((error: unknown) => {
      throw new ConnectionLost("the page's code", { cause: error });
    });
  });
  if (module === "loading") return <Waiting />;
  if ("error" in module) return <Trouble error={module.error} retry={() => location.reload()} />;
  return props.show(module.value);
}
