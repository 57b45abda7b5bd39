/** Pages and all else whose code is loaded after the first text. */
import type { JSX } from "preact";
import { ConnectionLost } from "../api/http.ts";
import { fetchHeld, fetchLater } from "../held.ts";
import { go } from "./route.ts";
import { Trouble, useLoaded, Waiting } from "./shell.tsx";

type Device = typeof import("./now.tsx");
let arrived: Promise<Device> | undefined;

/**
 * The code that knows this device, once whoever left a shared one is locked away: nothing of a resident is shown before. `arrive`: how
 * this page was come to; only the first call says. Throws ConnectionLost; then the next call begins anew.
 */
export function onDevice(arrive = (code: Device): Promise<unknown> => code.arrive(gone)): Promise<Device> {
  arrived ??= arrival(arrive).catch((error: unknown) => {
    arrived = undefined;
    throw error;
  });
  return arrived;
}

async function arrival(arrive: (code: Device) => Promise<unknown>): Promise<Device> {
  fetchHeld("[data-next]");
  const code = await loaded(import("./now.tsx"));
  await arrive(code);
  return code;
}

export function gone(): void {
  go({ page: "polls" });
  location.reload();
}

function loaded<M>(module: Promise<M>): Promise<M> {
  return module.catch((error: unknown) => {
    throw new ConnectionLost("the page's code", { cause: error });
  });
}

/** A page whose code is loaded now. */
export function Later<M>(props: { readonly of: string; readonly load: () => Promise<M>; readonly show: (module: M) => JSX.Element }) {
  const [module] = useLoaded(props.of, async () => {
    fetchLater();
    const [page] = await Promise.all([loaded(props.load()), onDevice()]);
    return page;
  });
  if (module === "loading") return <Waiting />;
  if ("error" in module) return <Trouble error={module.error} retry={() => location.reload()} />;
  return props.show(module.value);
}
