import type { PolicyDocument } from '../../evaluator/policy/document';

/**
 * A policy that allows everything, as administrators have it.
 *
 * @param principal for a policy of a resource: `*`, everybody
 * @param action narrower than `*` where a policy may speak of one service only, e.g. `kms:*`
 */
export const allowAllDocument = ({ principal, action = '*' }: { readonly principal?: '*'; readonly action?: string } = {}): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Sid: 'Everything', Effect: 'Allow', ...(principal ? { Principal: principal } : {}), Action: action, Resource: '*' }],
});
