import { AddUserToGroupCommand, CreateUserCommand, DeleteUserPolicyCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { allowAllDocument } from '../../access/matrix/allow-all';
import type { AccessDifference } from '../../access/space/difference';
import { lastSegment, type PolicyDocument, type Principal, parsePrincipal } from '../../evaluator/index';
import { BOOTSTRAP_USER, type Credentials, type Lab } from '../../lab/lab';
import { HUMAN_ROLES, type Names } from '../../stacks/names';
import { type Actor, actorWith, anonymousActor } from '../actors';
import type { Identities } from '../identities';
import { MfaUser, toCredentials } from '../mfa-user';
import { NotPerformable } from './not-performable';
import { valueIn } from './witness-context';

/** Actors with real credentials for the principals of witnesses; users whom nobody deployed are made when they are first needed. */
export class WitnessActors {
  private readonly users = new Map<string, Promise<MfaUser>>();
  private readonly iam: IAMClient;

  constructor(
    private readonly lab: Lab,
    private readonly identities: Identities,
    private readonly names: Names,
  ) {
    this.iam = new IAMClient({ endpoint: lab.endpoint.url, region: lab.account.region, credentials: lab.bootstrap });
  }

  /**
   * Performs something as the principal of a witness, which meanwhile has the policies of identities that stand with the one
   * that is compared.
   *
   * @throws NotPerformable when the lab cannot act as that principal, or not in the way that the context demands
   */
  async performAs<Result>({ who, witness }: AccessDifference, perform: (actor: Actor) => Promise<Result>): Promise<Result> {
    const { identity, resource, session } = witness.environment;
    if ((resource && !isWithoutPolicy(witness.resource)) || session)
      throw new NotPerformable('a policy of something that is not deployed would have to allow it as well');
    const principal = parsePrincipal(witness.principal);
    if (!principal) throw new NotPerformable(`the lab has no principal ${witness.principal}`);
    const actor = await this.actorOf(principal, who, witness);
    const given = valueIn(witness.context, 'aws:principalarn');
    if (given !== undefined && given !== actor.caller.principal.principalArn) throw new NotPerformable('aws:PrincipalArn is that of another principal');
    return this.withPolicies(principal, identity, () => perform(actor));
  }

  private async actorOf(principal: Principal, who: string, { context }: AccessDifference['witness']): Promise<Actor> {
    const { account } = this.lab;
    const mfa = valueIn(context, 'aws:multifactorauthpresent');
    const inFunction = valueIn(context, 'lambda:sourcefunctionarn');
    if (principal.account !== undefined && principal.account !== account.accountId) throw new NotPerformable('the lab has no identities of other accounts');
    if (mfa === 'false') throw new NotPerformable('nobody has temporary credentials without MFA');
    if (inFunction !== undefined && principal.name !== this.names.executionRole) throw new NotPerformable('the principal is no execution role');
    if (mfa !== undefined && principal.kind !== 'user') throw new NotPerformable(`a principal of the kind ${principal.kind} carries no MFA information`);
    if (principal.kind === 'anonymous') return anonymousActor();
    return actorWith(await this.credentialsOf(principal, who, mfa, inFunction), account);
  }

  private async credentialsOf(principal: Principal, who: string, mfa: string | undefined, inFunction: string | undefined): Promise<Credentials> {
    const { sts } = this.lab.account;
    if (principal.kind === 'session') return this.sessionOf(principal, inFunction);
    if (principal.kind === 'user') return this.userCredentials(principal, who, mfa !== undefined);
    if (principal.kind === 'root') return sts.rootCredentials();
    if (principal.kind === 'service') return toCredentials(sts.serviceCredentials(principal.arn));
    throw new NotPerformable(`the lab cannot act as a principal of the kind ${principal.kind}`);
  }

  /** A session of a human role as its user assumes it, or of the execution role as Lambda does. */
  private async sessionOf({ arn, principalArn, name }: Principal, inFunction: string | undefined): Promise<Credentials> {
    if (HUMAN_ROLES.some((role) => this.names.of(role) === name)) return (await this.identities.user()).assume(principalArn, lastSegment(arn));
    if (name !== this.names.executionRole) throw new NotPerformable('the lab cannot act in a role that nobody may assume');
    return toCredentials(this.lab.account.sts.serviceSession(principalArn, lastSegment(arn), 'lambda.amazonaws.com', inFunction).credentials);
  }

  private async userCredentials({ arn, name = '' }: Principal, who: string, mfa: boolean): Promise<Credentials> {
    if (arn !== this.lab.account.iam.arn('user', '/', name)) throw new NotPerformable('the lab makes no users with a path');
    if (name === BOOTSTRAP_USER) {
      if (mfa) throw new NotPerformable(`the user ${name} has no MFA device`);
      return this.lab.bootstrap;
    }
    const user = name === this.identities.userName ? await this.identities.user() : await this.madeUser(name, groupsIn(who));
    return mfa ? user.signIn() : user.accessKey;
  }

  private madeUser(name: string, groups: readonly string[]): Promise<MfaUser> {
    const user = this.users.get(name) ?? this.makeUser(name, groups);
    this.users.set(name, user);
    return user;
  }

  /** A user with an MFA device that is set up before the user is a member of any group: not all of them allow that. */
  private async makeUser(UserName: string, groups: readonly string[]): Promise<MfaUser> {
    const { account, bootstrap, endpoint } = this.lab;
    if (account.iam.users.has(UserName)) throw new NotPerformable(`the lab has a user ${UserName} of its own`);
    await this.iam.send(new CreateUserCommand({ UserName }));
    const user = await this.withUserPolicies(UserName, [allowAllDocument()], () =>
      MfaUser.enroll({ endpoint: endpoint.url, region: account.region }, bootstrap, UserName),
    );
    for (const GroupName of groups) await this.iam.send(new AddUserToGroupCommand({ UserName, GroupName }));
    return user;
  }

  private async withPolicies<Result>({ kind, name = '' }: Principal, documents: readonly PolicyDocument[], perform: () => Promise<Result>): Promise<Result> {
    // The root user needs no policy of an identity, and can have none.
    if (documents.length === 0 || kind === 'root') return perform();
    if (kind !== 'user') throw new NotPerformable(`the lab gives no more policies to a principal of the kind ${kind}`);
    return this.withUserPolicies(name, documents, perform);
  }

  private async withUserPolicies<Result>(UserName: string, documents: readonly PolicyDocument[], perform: () => Promise<Result>): Promise<Result> {
    const policies = documents.map((document, index) => ({ UserName, PolicyName: `witness-${index}`, PolicyDocument: JSON.stringify(document) }));
    for (const policy of policies) await this.iam.send(new PutUserPolicyCommand(policy));
    try {
      return await perform();
    } finally {
      for (const { PolicyName } of policies) await this.iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
    }
  }
}

/** The groups of which an identity of access/space/group-members.ts is a member; none for every other one. */
const groupsIn = (who: string): readonly string[] => /^members of the groups? (.*)$/.exec(who)?.[1]?.split(' and ') ?? [];

/**
 * Whether a request is about nothing that has a policy: aliases have none, nor what is no resource yet.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
 */
const isWithoutPolicy = (resource: string): boolean => resource === '*' || /^arn:[^:]+:kms:[^:]+:\d{12}:alias\//.test(resource);
