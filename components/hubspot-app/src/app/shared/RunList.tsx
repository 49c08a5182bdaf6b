import { Accordion, Alert, Button, EmptyState, Flex, List, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import React, { useCallback, useEffect, useState } from 'react';

import type { History, Run, RunError } from './answers';
import type { Api } from './api';
import { Failed, NotDone } from './Failed';
import { RunCounts } from './RunCounts';
import { RunTag } from './StatusTags';
import { useDoing, useLoaded } from './useLoaded';

interface Props {
  api: Api;
  connection: string;
  /** Changes when there is something new to show. */
  fresh?: number;
}

/** The runs of a connection, newest first, 20 at a time. */
export function RunList({ api, connection, fresh = 0 }: Props) {
  const first = useCallback(
    () => api.get<History>('/cards/history', { connection }),
    // A new value of `fresh` is a reason to ask again, and nothing else.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [api, connection, fresh],
  );
  const { loaded, reload } = useLoaded(first);
  const [older, setOlder] = useState<History[]>([]);
  const more = useDoing<History>();
  useEffect(() => setOlder([]), [first]);

  if (loaded.state === 'loading') {
    return <LoadingSpinner label="Loading the history …" showLabel />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const pages = [loaded.data, ...older];
  const runs = pages.flatMap((page) => page.runs);
  const next = pages[pages.length - 1]?.next ?? null;
  if (runs.length === 0) {
    return (
      <EmptyState title="No sync yet" layout="vertical">
        <Text>The first one starts by itself, or when you choose “Sync now”.</Text>
      </EmptyState>
    );
  }
  const show = async (before: number) => {
    const page = await more.run(() => api.get<History>('/cards/history', { connection, before: String(before) }));
    if (page !== null) {
      setOlder((pages) => [...pages, page]);
    }
  };
  return (
    <Flex direction="column" gap="small">
      {runs.map((run) => (
        <OneRun key={run.run} run={run} />
      ))}
      {more.failure !== null && <NotDone failure={more.failure} />}
      {next !== null && (
        <Button disabled={more.busy} onClick={() => void show(next)}>
          Show older runs
        </Button>
      )}
    </Flex>
  );
}

const CAUSE = { scheduled: 'on schedule', requested: 'asked for' };
const STATUS = { running: 'under way', succeeded: 'succeeded', failed: 'failed' };

function OneRun({ run }: { run: Run }) {
  // What a list leaves out is as it should be, and is not counted.
  const problem = ({ code }: RunError) => code !== 'left_out';
  const failed = run.errors.filter(problem).reduce((sum, error) => sum + error.count, 0);
  const records = failed === 0 ? '' : `, ${failed} ${failed === 1 ? 'record' : 'records'} with problems`;
  return (
    <Accordion title={`${run.started.ago}: ${STATUS[run.status]}, ${CAUSE[run.cause]}${records}`} size="sm">
      <Flex direction="column" gap="small">
        <RunTag status={run.status} />
        {run.message !== undefined && (
          <Alert title={run.message} variant="danger">
            {run.action !== undefined && <Text>{run.action}</Text>}
          </Alert>
        )}
        <RunCounts counts={run.objects} />
        {run.errors.length > 0 && (
          <List variant="unordered-styled">
            {run.errors.map((error) => (
              <Text key={`${error.label}/${error.code}/${error.property ?? ''}`}>
                {error.label}
                {error.property === undefined ? '' : `, ${error.property}`}
                {problem(error) ? ` (${error.count})` : ''}: {error.message} {error.action}
              </Text>
            ))}
          </List>
        )}
      </Flex>
    </Accordion>
  );
}
