import { Alert, Flex, LoadingSpinner, ProgressBar, Text } from '@hubspot/ui-extensions';
import type { Api, Billing } from '@sync300/shared';
import { count, day, Failed, limit, OpenLink, useLoaded } from '@sync300/shared';
import React, { useCallback } from 'react';

import { PlanTable } from './PlanTable';

/** The plan, what of it is used, and what it keeps from being as it was chosen. */
export function PlanSection({ api, admin }: { api: Api; admin: boolean }) {
  const ask = useCallback(() => api.get<Billing>('/billing'), [api]);
  const { loaded, reload } = useLoaded(ask);
  if (loaded.state === 'loading') {
    return <LoadingSpinner label="Loading plan and usage …" showLabel />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const billing = loaded.data;
  return (
    <Flex direction="column" gap="medium">
      {billing.notices.map((notice) => (
        <Alert key={notice.code} title={notice.message} variant="warning">
          <Text>{notice.action}</Text>
        </Alert>
      ))}
      {billing.billing ? (
        <Bought api={api} billing={billing} admin={admin} reload={() => void reload()} />
      ) : (
        <Text>This 300Sync is not billed: everything is allowed.</Text>
      )}
      <Usage billing={billing} />
    </Flex>
  );
}

function Usage({ billing }: { billing: Billing }) {
  const { records, records_limit, month } = billing.usage;
  if (records_limit === null) {
    return <Text>{`${count(records)} records synced in ${month} (UTC).`}</Text>;
  }
  return (
    <ProgressBar
      title={`Records synced in ${month} (UTC)`}
      aria-label="Records of this month that are used"
      value={Math.min(records, records_limit)}
      maxValue={records_limit}
      valueDescription={`${count(records)} of ${limit(records_limit)}`}
      variant={records >= records_limit ? 'danger' : records * 5 >= records_limit * 4 ? 'warning' : 'success'}
    />
  );
}

interface BoughtProps {
  api: Api;
  billing: Billing;
  admin: boolean;
  reload: () => void;
}

function Bought({ api, billing, admin, reload }: BoughtProps) {
  const ends = billing.period_end === null ? null : day(billing.period_end);
  return (
    <Flex direction="column" gap="small">
      <Text format={{ fontWeight: 'demibold' }}>Your plan: {billing.plan_name ?? 'none'}</Text>
      {ends !== null && <Text>{billing.renews === true ? `Renews on ${ends}.` : `Ends on ${ends}.`}</Text>}
      <PlanTable api={api} billing={billing} admin={admin} onBack={reload} />
      {admin && billing.status !== null && (
        <OpenLink
          ask={() => api.post('/billing/portal', {})}
          open="Open Stripe"
          help="Plan, card and invoices are changed at Stripe; card details are never seen here."
          back="Done"
          onBack={reload}
        >
          Change or end the subscription
        </OpenLink>
      )}
    </Flex>
  );
}
