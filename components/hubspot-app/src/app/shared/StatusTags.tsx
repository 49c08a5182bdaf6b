import { StatusTag } from '@hubspot/ui-extensions';
import React from 'react';

import type { Connection, Run, Status } from './answers';

const RECORD = {
  synced: ['success', 'Synced'],
  not_synced: ['warning', 'Not synced'],
  error: ['danger', 'Error'],
} as const;

/** A record is one of three, and never anything else. */
export function RecordTag({ status }: { status: Status }) {
  const [variant, words] = RECORD[status];
  return <StatusTag variant={variant}>{words}</StatusTag>;
}

const CONNECTION = {
  active: ['success', 'Connected'],
  expired: ['danger', 'Expired'],
  paused: ['warning', 'Paused'],
  disconnected: ['default', 'Not connected'],
} as const;

export function ConnectionTag({ status }: { status: Connection['status'] }) {
  const [variant, words] = CONNECTION[status];
  return <StatusTag variant={variant}>{words}</StatusTag>;
}

const RUN = {
  running: ['info', 'Under way'],
  succeeded: ['success', 'Succeeded'],
  failed: ['danger', 'Failed'],
} as const;

export function RunTag({ status }: { status: Run['status'] }) {
  const [variant, words] = RUN[status];
  return <StatusTag variant={variant}>{words}</StatusTag>;
}
