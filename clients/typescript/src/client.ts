// The services behind a gateway.

import { createClient } from '@connectrpc/connect';
import type { Client as ServiceClient, Transport } from '@connectrpc/connect';
import { CapacityService } from './gen/typescript/baliprocess/capacity/v1/capacity_service_pb.js';
import { MeetingsService } from './gen/typescript/baliprocess/meetings/v1/meetings_service_pb.js';
import { MembershipService } from './gen/typescript/baliprocess/membership/v1/membership_service_pb.js';

export interface Client {
  membership: ServiceClient<typeof MembershipService>;
  meetings: ServiceClient<typeof MeetingsService>;
  capacity: ServiceClient<typeof CapacityService>;
}

/** The services on a transport that `./node` or `./web` has made. */
export function clientOf(transport: Transport): Client {
  return {
    membership: createClient(MembershipService, transport),
    meetings: createClient(MeetingsService, transport),
    capacity: createClient(CapacityService, transport),
  };
}
