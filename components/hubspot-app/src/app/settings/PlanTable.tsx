import {
  Flex,
  Select,
  StatusTag,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from '@hubspot/ui-extensions';
import type { Api, Billing, Plan } from '@sync300/shared';
import { limit, OpenLink } from '@sync300/shared';
import React, { useState } from 'react';

interface Props {
  api: Api;
  billing: Billing;
  admin: boolean;
  /** The person is back from paying. */
  onBack: () => void;
}

/** What each plan has, and the way to buy one. */
export function PlanTable({ api, billing, admin, onBack }: Props) {
  const [interval, setInterval] = useState('monthly');
  const buys = admin && billing.status === null;
  return (
    <Flex direction="column" gap="small">
      {buys && (
        <Select
          label="How you pay"
          name="interval"
          value={interval}
          options={[
            { value: 'monthly', label: 'Every month' },
            { value: 'yearly', label: 'Every year' },
          ]}
          onChange={(value) => setInterval(String(value))}
        />
      )}
      <Table bordered density="condensed">
        <TableHead>
          <TableRow>
            <TableHeader>Plan</TableHeader>
            <TableHeader>Records a month</TableHeader>
            <TableHeader>Fastest schedule</TableHeader>
            <TableHeader>Own field mappings</TableHeader>
            <TableHeader>Systems</TableHeader>
            <TableHeader>Choose</TableHeader>
          </TableRow>
        </TableHead>
        <TableBody>
          {billing.plans.map((plan) => (
            <TableRow key={plan.id}>
              <TableCell>{plan.name}</TableCell>
              <TableCell>{limit(plan.records_per_month)}</TableCell>
              <TableCell>{plan.fastest_minutes === null ? 'none' : `${plan.fastest_minutes} minutes`}</TableCell>
              <TableCell>{plan.custom_mappings ? 'Yes' : 'No'}</TableCell>
              <TableCell>{limit(plan.connections)}</TableCell>
              <TableCell>
                {plan.current ? (
                  <StatusTag variant="success">Your plan</StatusTag>
                ) : (
                  buys && <Buy api={api} plan={plan} interval={interval} onBack={onBack} />
                )}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Flex>
  );
}

function Buy({ api, plan, interval, onBack }: { api: Api; plan: Plan; interval: string; onBack: () => void }) {
  if (!plan.paid) {
    return null;
  }
  return (
    <OpenLink
      ask={() => api.post('/billing/checkout', { plan: plan.id, interval })}
      open="Pay at Stripe"
      help="Card details are entered at Stripe, and are never seen here."
      back="Done"
      onBack={onBack}
    >
      {`Choose ${plan.name}`}
    </OpenLink>
  );
}
