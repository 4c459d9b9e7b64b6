// Dates as they are known: a year, a month or a day.

import { create } from '@bufbuild/protobuf';
import { DateSchema } from './gen/typescript/google/type/date_pb.js';
import type { Date as KnownDate } from './gen/typescript/google/type/date_pb.js';

export type { KnownDate };

/** A date of `2025`, `2025-02` or `2025-02-14`; a RangeError for anything else. Whether the day exists
 * is for the server to say. */
export function date(text: string): KnownDate {
  const found = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text);
  if (found === null) throw new RangeError(`"${text}" is no date: 2025, 2025-02 or 2025-02-14`);
  const [year, month, day] = found.slice(1).map((part) => Number(part ?? 0));
  return create(DateSchema, { year: year ?? 0, month: month ?? 0, day: day ?? 0 });
}

/** A date as text, such as `2025-02`; empty when no year is known. */
export function dateText({ year, month, day }: KnownDate): string {
  if (year === 0) return '';
  const parts = [String(year).padStart(4, '0')];
  if (month !== 0) parts.push(String(month).padStart(2, '0'));
  if (month !== 0 && day !== 0) parts.push(String(day).padStart(2, '0'));
  return parts.join('-');
}
