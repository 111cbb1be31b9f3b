import { ServiceError } from '../errors';

/** IAM's answer for something that is not there. */
export function missing(what: string, name: string): never {
  throw new ServiceError('NoSuchEntity', `The ${what} with name ${name} cannot be found.`, 404);
}

/** IAM's answer for a name that is taken. */
export function taken(what: string, name: string): never {
  throw new ServiceError('EntityAlreadyExists', `${what} with name ${name} already exists.`, 409);
}

/** IAM's answer when something still hangs on what is to be deleted. */
export function inUse(message: string): never {
  throw new ServiceError('DeleteConflict', `Cannot delete entity, must ${message} first.`, 409);
}
