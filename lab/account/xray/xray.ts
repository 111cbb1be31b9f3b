import type { Service } from '../account-context';
import { unmodelledOf } from '../operation';

const unmodelled = unmodelledOf('xray');
const EVERYTHING = () => ({ resource: '*' });

/** X-Ray: who may send and see traces is decided, but no traces are kept. Its actions have no resource. */
export class XRay implements Service {
  readonly accessDenied = { code: 'AccessDeniedException', status: 403 };

  readonly operations = {
    PutTraceSegments: unmodelled<object>('PutTraceSegments', EVERYTHING),
    PutTelemetryRecords: unmodelled<object>('PutTelemetryRecords', EVERYTHING),
    GetSamplingRules: unmodelled<object>('GetSamplingRules', EVERYTHING),
  };
}
