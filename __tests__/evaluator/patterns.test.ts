import fc from 'fast-check';
import { accessRequest, compilePolicy, evaluate, matchesGlob, type Principal, parsePrincipal } from '../../evaluator/index';
import { compilePattern } from '../../evaluator/pattern';

/** The rule itself, tried in every way; good for short texts only. */
function matchesByRule(pattern: readonly string[], text: readonly string[]): boolean {
  const [first, ...others] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === '*') return text.some((_, index) => matchesByRule(others, text.slice(index))) || matchesByRule(others, []);
  return text.length > 0 && (first === '?' || first === text[0]) && matchesByRule(others, text.slice(1));
}

const characters = (text: string) => [...text];
const text = (...units: string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 9 });
const pattern = fc.oneof(text('a', 'b', '*', '?'), text('a', '😀', '*', '?'), text('a', '*'), text('a', '\ud83d', '\ude00', '?', '*'));
const given = fc.oneof(text('a', 'b'), text('a', '😀'), text('a', '\ud83d', '\ude00'));

const ANN = parsePrincipal('arn:aws:iam::111122223333:user/ann') as Principal;
/** Whether a policy with this Resource allows to read this object. */
function reads(resource: string, object: string, context: Readonly<Record<string, string>> = {}): boolean {
  const Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: resource } as const;
  const policy = compilePolicy('policy', { Version: '2012-10-17', Statement }, 'identity');
  return evaluate(accessRequest(ANN, 's3:GetObject', object, context), { identity: [policy] }).outcome === 'allowed';
}

describe('patterns of policies', () => {
  it('match what the rule of * and ? says', () => {
    fc.assert(
      fc.property(pattern, given, (glob, value) => {
        expect(matchesGlob(glob, value)).toBe(matchesByRule(characters(glob), characters(value)));
      }),
      { numRuns: 5000 },
    );
  });

  it('match as the rule says when a segment has more characters than a machine word has bits', () => {
    const long = fc.array(fc.constantFrom('a', 'b', '?'), { minLength: 30, maxLength: 70 });
    fc.assert(
      fc.property(long, fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }), fc.array(fc.boolean()), (segment, before, flips) => {
        // A text that holds the segment, or nearly does.
        const inside = segment.map((wanted, index) => (wanted === '?' || flips[index] ? 'a' : wanted));
        const value = [...before, ...inside, 'b'];
        const occurs = value.some((_, at) => segment.every((wanted, index) => value[at + index] === wanted || (wanted === '?' && at + index < value.length)));
        expect(matchesGlob(`*${segment.join('')}*`, value.join(''))).toBe(occurs);
      }),
      { numRuns: 2000 },
    );
  });

  it('are decided at once for any number of stars, where going back would take longer than a test may', () => {
    const many = 'a*'.repeat(32);
    expect(reads(`arn:aws:s3:::b/${many}z`, `arn:aws:s3:::b/${'a'.repeat(10_000)}`)).toBe(false);
    expect(reads(`arn:aws:s3:::b/${many}z`, `arn:aws:s3:::b/${'a'.repeat(10_000)}z`)).toBe(true);
    expect(reads(`arn:aws:s3:::b/${'*a?a'.repeat(32)}z`, `arn:aws:s3:::b/${'a'.repeat(10_000)}`)).toBe(false);
    expect(reads(`arn:aws:s3:::b/\${aws:username}${many}`, `arn:aws:s3:::b/${'a'.repeat(10_000)}`)).toBe(false);
  });

  it('take ? for one character, also one that JavaScript keeps in two units', () => {
    expect(reads('arn:aws:s3:::b/?', 'arn:aws:s3:::b/😀')).toBe(true);
    expect(reads('arn:aws:s3:::b/??', 'arn:aws:s3:::b/😀')).toBe(false);
    expect(reads('arn:aws:s3:::b/\ud83d*', 'arn:aws:s3:::b/😀')).toBe(false);
  });

  it('take a star in the value of a variable for a star', () => {
    const home = `arn:aws:s3:::b/\${aws:PrincipalTag/home}/*`;
    expect(reads(home, 'arn:aws:s3:::b/x/1', { 'aws:PrincipalTag/home': '*' })).toBe(false);
    expect(reads(home, 'arn:aws:s3:::b/*/1', { 'aws:PrincipalTag/home': '*' })).toBe(true);
    expect(reads(`arn:aws:s3:::b/\${*}?`, 'arn:aws:s3:::b/*x')).toBe(true);
  });

  it('compare an ARN with braces of a request as it stands', () => {
    const fail = (reason: string) => {
      throw new Error(reason);
    };
    const Condition = { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::b*' } };
    const Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*', Condition } as const;
    const policy = compilePolicy('policy', { Version: '2012-10-17', Statement }, 'identity');
    const request = accessRequest(ANN, 's3:GetObject', 'arn:aws:s3:::b/k', { 'aws:SourceArn': 'arn:aws:s3:::b}' });
    expect(evaluate(request, { identity: [policy] }).outcome).toBe('allowed');
    expect(compilePattern(`\${a`, { wildcards: true, variables: true, fail })(`\${a`, new Map())).toBe(true);
  });
});
