import { LoadingSpinner, Tab, Tabs } from '@hubspot/ui-extensions';
import type { Account, Api, Connection, Settings } from '@sync300/shared';
import { Failed, syncingOf, useLoaded } from '@sync300/shared';
import React, { useCallback } from 'react';

import { ConnectionSection } from './ConnectionSection';
import { DataSection } from './DataSection';
import { HistorySection } from './HistorySection';
import { MappingsSection } from './MappingsSection';
import { ObjectsSection } from './ObjectsSection';
import { PlanSection } from './PlanSection';
import { PreviewSection } from './PreviewSection';
import { ReviewSection } from './ReviewSection';
import { ScheduleSection } from './ScheduleSection';
import { useChange } from './useChange';

interface Props {
  api: Api;
  copy: (text: string) => Promise<void>;
  account: Account;
  connection: Connection;
  reloadAccount: () => void;
}

/** Everything about one connected system. */
export function SystemSettings({ api, copy, account, connection, reloadAccount }: Props) {
  const { id } = connection;
  const ask = useCallback(() => api.get<Settings>('/cards/settings', { connection: id }), [api, id]);
  const { loaded, reload, show } = useLoaded(ask);
  const change = useChange(api, loaded.state === 'ready' ? loaded.data : null, show, reload);
  if (loaded.state === 'loading') {
    return <LoadingSpinner label={`Loading the settings of ${connection.label} …`} showLabel layout="centered" />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const settings = loaded.data;
  const part = { api, settings, change };
  const look = async () => syncingOf(await reload());
  const everything = () => {
    reloadAccount();
    void reload();
  };
  return (
    <Tabs defaultSelected="connection">
      <Tab tabId="connection" title="Connection">
        <ConnectionSection api={api} connection={connection} settings={settings} look={look} onChange={everything} />
      </Tab>
      <Tab tabId="records" title="Records">
        <ObjectsSection {...part} />
      </Tab>
      <Tab tabId="fields" title="Fields">
        <MappingsSection {...part} />
      </Tab>
      <Tab tabId="review" title="Review">
        <ReviewSection api={api} settings={settings} />
      </Tab>
      {settings.admin && (
        <Tab tabId="preview" title="Preview">
          <PreviewSection api={api} settings={settings} />
        </Tab>
      )}
      <Tab tabId="schedule" title="Schedule">
        <ScheduleSection {...part} />
      </Tab>
      <Tab tabId="history" title="History">
        <HistorySection api={api} connection={id} copy={copy} support={settings.support} />
      </Tab>
      <Tab tabId="plan" title="Plan and usage">
        <PlanSection api={api} admin={account.admin} />
      </Tab>
      <Tab tabId="data" title="Data and privacy">
        <DataSection api={api} account={account} onChange={everything} />
      </Tab>
    </Tabs>
  );
}
