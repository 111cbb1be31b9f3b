import fc from 'fast-check';
import { readPieces, resolvePieces } from '../../../evaluator/request-space/pattern-pieces';
import { tokensOf, unionOf } from '../../../evaluator/request-space/text-automaton';
import { textClasses } from '../../../evaluator/request-space/text-classes';

const automatonOf = (...patterns: readonly string[]) =>
  unionOf(patterns.map((pattern) => tokensOf(resolvePieces(readPieces(pattern, { wildcards: true, variables: false }), () => undefined) ?? [])));

/** What a pattern means, said in another way. */
const asExpression = (pattern: string) => new RegExp(`^${pattern.replace(/[^*?]/g, '\\$&').replace(/\*/g, '[^]*').replace(/\?/g, '[^]')}$`);

const pattern = fc.string({ unit: fc.constantFrom('.', ':', '/', '*', '?'), maxLength: 7 });
const text = fc.string({ unit: fc.constantFrom('.', ':', '/', '-'), maxLength: 9 });

describe('automata of patterns', () => {
  it('match what one of their patterns matches', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 3 }), text, (patterns, given) => {
        expect(automatonOf(...patterns).matches(given)).toBe(patterns.some((glob) => asExpression(glob).test(given)));
      }),
      { numRuns: 2000 },
    );
  });

  it('of no pattern and of an empty one are not the same', () => {
    expect([automatonOf().matches(''), automatonOf('').matches(''), automatonOf('', '').matches('')]).toEqual([false, true, true]);
  });
});

describe('the classes of texts', () => {
  it('are one for every combination of patterns that some text matches', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), text, (patterns, given) => {
        const automata = patterns.map((glob) => automatonOf(glob));
        const { classes, incomplete } = textClasses(automata);
        expect(incomplete).toBeUndefined();
        for (const { text: example, matches } of classes) expect(matches).toEqual(patterns.map((glob) => asExpression(glob).test(example)));
        const wanted = patterns.map((glob) => asExpression(glob).test(given));
        expect(classes.filter(({ matches }) => matches.join() === wanted.join())).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  });

  it('of a shape are those that have the shape', () => {
    const { classes } = textClasses([automatonOf('a*'), automatonOf('*b')], automatonOf('?c?'));
    expect(classes.map(({ text: example }) => example).sort()).toEqual(['acb', 'acx', 'xcb', 'xcx']);
  });

  it('are told to be incomplete at the limit', () => {
    const { incomplete } = textClasses(
      ['*a*b*c', '*b*a*c', '*c*a*b'].map((glob) => automatonOf(glob)),
      undefined,
      5,
    );
    expect(incomplete).toBe('its patterns have more than 5 states together');
  });
});
