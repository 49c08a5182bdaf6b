// Runs one extension, as HubSpot does: in a worker, with React and the remote components as globals, its tree sent to the page.

import { createRemoteRoot } from '@remote-ui/core';
import * as RemoteUI from '@remote-ui/react';
import { createEndpoint, retain } from '@remote-ui/rpc';
import React from 'react';

import type { Given, HostApi, WorkerApi } from './contract';

type Render = (api: { context: unknown; actions: unknown }) => React.ReactElement;

declare function importScripts(address: string): void;

const run: WorkerApi['run'] = async (channel, given, host) => {
  retain(channel);
  retain(host);
  const actions = Object.fromEntries(given.actions.map((name) => [name, (argument: unknown) => host.act(name, argument)]));
  const api = { context: given.context, actions };
  const root = createRemoteRoot(channel, { strict: false });
  Object.assign(self, {
    __HUBSPOT_EXTENSION_WORKER__: true,
    React,
    RemoteUI,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: host.failed },
    hsFetch: fetching(host),
    hsWorkerAPI: {
      useExtensionContext: () => api.context,
      useExtensionActions: () => api.actions,
      useExtensionApi: () => api,
      useAppPageLocation: () => ({ path: '/', params: {} }),
    },
    extend_V2: (render: Render) => {
      RemoteUI.createRoot(root).render(render(api));
      void root.mount();
    },
  });
  importScripts(given.bundle);
  return Promise.resolve();
};

/** `hubspot.fetch`. */
function fetching(host: HostApi) {
  return async (url: string, options: { method?: string; body?: unknown; headers?: Record<string, string> } = {}) => {
    const { method = 'GET', body, headers = {} } = options;
    const fetched = await host.fetch({ method, url, body, headers });
    return new Response(fetched.body, { status: fetched.status });
  };
}

createEndpoint<Given>(self as never).expose({ run: run as never });
