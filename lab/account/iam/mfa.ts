import type { MFADevice as MfaDeviceOutput, VirtualMFADevice } from '@aws-sdk/client-iam';
import { Secret, TOTP } from 'otpauth';
import { ServiceError } from '../errors';
import { operationsOf } from '../operation';
import type { MfaDevice } from './entities';
import type { IamStore } from './iam-store';
import { inUse, missing, taken } from './refusals';
import { type UserNamed, userNameOf, userTarget } from './users';

const operation = operationsOf('iam');

const STEP_SECONDS = 30;

/**
 * Whether a code is right now, one step early or late, and was not used before. Authenticators run on the wall clock, so
 * this is the one thing in IAM that does not follow the account's clock.
 */
export function acceptCode(device: MfaDevice, code: string): boolean {
  const totp = new TOTP({ secret: Secret.fromBase32(device.seed), period: STEP_SECONDS });
  const drift = totp.validate({ token: code, window: 1 });
  if (drift === null) return false;
  const step = Math.floor(Date.now() / 1000 / STEP_SECONDS) + drift;
  if (device.usedSteps.has(step)) return false;
  device.usedSteps.add(step);
  return true;
}

/** Whether two codes follow one another, as enabling a device asks for; at most one day old. */
function areConsecutive(device: MfaDevice, first: string, second: string): boolean {
  const totp = new TOTP({ secret: Secret.fromBase32(device.seed), period: STEP_SECONDS });
  const drift = totp.validate({ token: first, window: 10 });
  return drift !== null && totp.generate({ timestamp: Date.now() + (drift + 1) * STEP_SECONDS * 1000 }) === second;
}

interface Codes {
  SerialNumber: string;
  AuthenticationCode1: string;
  AuthenticationCode2: string;
}

/** Operations on virtual MFA devices. */
export function mfaOperations(iam: IamStore) {
  const target = userTarget(iam);
  const find = (serial: string) => iam.mfaDevices.get(serial) ?? missing('VirtualMFADevice', serial);
  return {
    CreateVirtualMFADevice: operation<{ VirtualMFADeviceName: string; Path?: string }, { VirtualMFADevice: VirtualMFADevice }>('CreateVirtualMFADevice', {
      event: 'write',
      target: (input) => ({ resource: iam.arn('mfa', input.Path ?? '/', input.VirtualMFADeviceName) }),
      run: (input) => {
        const serial = iam.arn('mfa', input.Path ?? '/', input.VirtualMFADeviceName);
        if (iam.mfaDevices.has(serial)) taken('MFADevice entity', serial);
        const seed = new Secret({ size: 40 }).base32;
        iam.mfaDevices.set(serial, { serial, seed, usedSteps: new Set() });
        return { VirtualMFADevice: { SerialNumber: serial, Base32StringSeed: Buffer.from(seed) } };
      },
    }),
    EnableMFADevice: operation<UserNamed & Codes, object>('EnableMFADevice', {
      event: 'write',
      target,
      run: (input, call) => {
        const device = find(input.SerialNumber);
        const user = iam.user(userNameOf(input, call));
        if (device.user !== undefined) taken('MFA Device', device.serial);
        if (!areConsecutive(device, input.AuthenticationCode1, input.AuthenticationCode2)) {
          throw new ServiceError('InvalidAuthenticationCode', 'Authentication code for device is not valid', 403);
        }
        device.user = user.name;
        device.enabledAt = iam.account.clock.date();
        return {};
      },
    }),
    DeactivateMFADevice: operation<UserNamed & { SerialNumber: string }, object>('DeactivateMFADevice', {
      event: 'write',
      target,
      run: (input) => {
        delete find(input.SerialNumber).user;
        return {};
      },
    }),
    DeleteVirtualMFADevice: operation<{ SerialNumber: string }, object>('DeleteVirtualMFADevice', {
      event: 'write',
      target: (input) => ({ resource: input.SerialNumber }),
      run: (input) => {
        const device = find(input.SerialNumber);
        if (device.user !== undefined) inUse('deactivate the MFA device');
        iam.mfaDevices.delete(device.serial);
        return {};
      },
    }),
    ResyncMFADevice: operation<UserNamed & Codes, object>('ResyncMFADevice', {
      event: 'write',
      target,
      run: (input) => {
        if (!areConsecutive(find(input.SerialNumber), input.AuthenticationCode1, input.AuthenticationCode2)) {
          throw new ServiceError('InvalidAuthenticationCode', 'Authentication code for device is not valid', 403);
        }
        return {};
      },
    }),
    ListVirtualMFADevices: operation<object, { VirtualMFADevices: VirtualMFADevice[]; IsTruncated: boolean }>('ListVirtualMFADevices', {
      event: 'read',
      target: () => ({ resource: '*' }),
      run: () => ({ VirtualMFADevices: [...iam.mfaDevices.values()].map(({ serial }) => ({ SerialNumber: serial })), IsTruncated: false }),
    }),
    ListMFADevices: operation<UserNamed, { MFADevices: MfaDeviceOutput[]; IsTruncated: boolean }>('ListMFADevices', {
      event: 'read',
      target,
      run: (input, call) => {
        const name = userNameOf(input, call);
        const devices = [...iam.mfaDevices.values()].filter((device) => device.user === name);
        return { MFADevices: devices.map((device) => ({ UserName: name, SerialNumber: device.serial, EnableDate: device.enabledAt })), IsTruncated: false };
      },
    }),
  };
}
