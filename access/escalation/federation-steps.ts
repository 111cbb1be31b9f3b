import type { Deployment } from '../graph/deployment';
import { roleActorId } from '../matrix/actors';
import { type ActorId, segment } from '../matrix/ids';
import { idName } from '../matrix/operation';
import { allOf, type EscalationStep } from './escalation-step';
import { trustedBy } from './service-steps';

/** The actor whom an identity provider vouches for, of those that trust policies name. */
export const federatedActorId = (provider: string): ActorId => `federated/${segment(provider)}`;

/** The identity providers that trust policies name. */
export const providersOf = (deployment: Deployment): string[] => [...new Set(deployment.roles.flatMap((role) => trustedBy(role, 'Federated')))];

/**
 * Who has a token of a provider that a role trusts; the conditions of the trust policy, which limit whose token it is, are not
 * decided. Who can change the provider makes tokens of its own.
 *
 * Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html,
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html,
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSAMLProvider.html,
 * https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_SetIdentityPoolRoles.html
 */
export const federationSteps = (deployment: Deployment): EscalationStep[] =>
  deployment.roles.flatMap((role) =>
    trustedBy(role, 'Federated').flatMap((provider): EscalationStep[] => {
      const name = idName(deployment, role.name);
      const assumes = [roleActorId(deployment, role)];
      return [
        { id: `role/${name}/assume-with-token`, needs: [], from: federatedActorId(provider), assumes },
        { id: `role/${name}/forge-token`, needs: allOf({ anyOf: PROVIDER_CHANGES }), assumes },
      ];
    }),
  );

const PROVIDER_CHANGES = [
  'iam:AddClientIDToOpenIDConnectProvider',
  'iam:CreateOpenIDConnectProvider',
  'iam:CreateSAMLProvider',
  'iam:UpdateOpenIDConnectProviderThumbprint',
  'iam:UpdateSAMLProvider',
  'cognito-identity:CreateIdentityPool',
  'cognito-identity:GetOpenIdTokenForDeveloperIdentity',
  'cognito-identity:SetIdentityPoolRoles',
  'cognito-identity:UpdateIdentityPool',
];
