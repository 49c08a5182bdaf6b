// What passes between the page and the worker that an extension runs in.

import type { RemoteChannel } from '@remote-ui/core';

/** What the page gives to an extension. */
export interface Given {
  /** The bundle's address. */
  bundle: string;
  /** As `hubspot.extend` passes it on. */
  context: Record<string, unknown>;
  /** Names of the actions that the page has. */
  actions: string[];
}

/** What the worker does for the page. */
export interface WorkerApi {
  run(channel: RemoteChannel, given: Given, host: HostApi): Promise<void>;
}

/** What the page does for the worker. */
export interface HostApi {
  act(action: string, argument: unknown): Promise<void>;
  fetch(request: FetchRequest): Promise<Fetched>;
  failed(message: string): void;
}

/** `hubspot.fetch`, as HubSpot's proxy takes it. */
export interface FetchRequest {
  method: string;
  url: string;
  body?: unknown;
  headers: Record<string, string>;
}

export interface Fetched {
  status: number;
  /** JSON. */
  body: string;
}
