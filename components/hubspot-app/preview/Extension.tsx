import { createController, createRemoteReceiver, RemoteRenderer } from '@remote-ui/react/host';
import { createEndpoint, fromWebWorker } from '@remote-ui/rpc';
import React, { useEffect, useMemo, useState } from 'react';

import { components } from './components';
import type { Fetched, HostApi, WorkerApi } from './contract';
import type { ExtensionOnPage, Page } from './page';
import { send } from './page';
import { toast } from './Toasts';

const controller = createController(components);

/** What an extension may have done by the page. */
const ACTIONS: Record<string, (argument: unknown) => Promise<void> | void> = {
  addAlert: (argument) => toast(text(argument, 'title', 'message')),
  copyTextToClipboard: (argument) => navigator.clipboard.writeText(String(argument)),
  reloadPage: () => location.reload(),
  refreshObjectProperties: () => location.reload(),
  closeOverlay: () => undefined,
  navigateToPage: (argument) => toast(`HubSpot would open ${text(argument, 'to')}`),
  openIframeModal: (argument) => toast(`HubSpot would open ${text(argument, 'uri')}`),
};

function text(argument: unknown, ...members: string[]): string {
  const values = argument as Record<string, unknown> | undefined;
  return members.flatMap((name) => (typeof values?.[name] === 'string' ? [values[name]] : [])).join(': ');
}

/** One extension on the page. */
export function Extension({ page, extension }: { page: Page; extension: ExtensionOnPage }) {
  const receiver = useMemo(() => createRemoteReceiver(), []);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const worker = new Worker('/hubspot/assets/preview/worker.js');
    const endpoint = createEndpoint<WorkerApi>(fromWebWorker(worker), { callable: ['run'] });
    const given = { bundle: extension.bundle, context: context(page, extension), actions: Object.keys(ACTIONS) };
    const failed = (error: unknown) => setFailure(error instanceof Error ? error.message : String(error));
    endpoint.call.run(receiver.receive, given, host(page, failed)).catch(failed);
    return () => worker.terminate();
  }, [page, extension, receiver]);
  return (
    <section className={`extension ${extension.location.replaceAll('.', '-')}`} aria-label={extension.title}>
      <h2>{extension.title}</h2>
      {failure !== null && (
        <p role="alert" className="alert danger">
          The extension failed: {failure}
        </p>
      )}
      <RemoteRenderer receiver={receiver} controller={controller} />
    </section>
  );
}

/** As HubSpot describes where an extension is. */
function context(page: Page, { location, title }: ExtensionOnPage) {
  return {
    location,
    portal: { id: page.portal, timezone: 'US/Eastern' },
    user: { id: page.user, email: '', emails: [], firstName: '', lastName: '', roles: [], teams: [], permissions: [] },
    variables: page.variables,
    extension: { appId: 0, appName: '300Sync', cardTitle: title },
    ...(page.record && { crm: page.record }),
  };
}

function host({ portal, user }: Page, failed: (error: unknown) => void): HostApi {
  return {
    act: async (action, argument) => {
      await ACTIONS[action]?.(argument);
    },
    fetch: (request) => send<Fetched>('fetch', { ...request, portal, user }),
    failed,
  };
}
