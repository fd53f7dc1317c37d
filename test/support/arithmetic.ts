/** An exact fraction; `under` is positive. */
interface Fraction {
  over: bigint;
  under: bigint;
}

const token = /\s*(?:(\d+(?:\.\d+)?)|([a-z_]+)|([-+*/()]))/y;

/**
 * The exact value of written-out arithmetic: decimals, `+ - * /`, brackets, and `half_up`, `up` and `down`, which round to
 * a whole number. Throws when it is no arithmetic or its value is not whole. Knows nothing of prices.
 */
export function reckon(text: string): bigint {
  const value = new Reckoning(text).read();
  if (value.over % value.under !== 0n) throw new Error(`${text} is not a whole number`);
  return value.over / value.under;
}

class Reckoning {
  private readonly parts: string[] = [];
  private at = 0;

  constructor(text: string) {
    token.lastIndex = 0;
    while (token.lastIndex < text.trimEnd().length) {
      const match = token.exec(text);
      if (!match) throw new Error(`cannot read ${text}`);
      this.parts.push(match[1] ?? match[2] ?? match[3]!);
    }
  }

  read(): Fraction {
    const value = this.sum();
    if (this.at < this.parts.length) throw new Error(`unexpected ${this.parts[this.at]}`);
    return value;
  }

  private sum(): Fraction {
    let value = this.product();
    for (let sign = this.take('+', '-'); sign; sign = this.take('+', '-')) {
      const { over, under } = this.product();
      const added = sign === '+' ? over : -over;
      value = { over: value.over * under + added * value.under, under: value.under * under };
    }
    return value;
  }

  private product(): Fraction {
    let value = this.factor();
    for (let sign = this.take('*', '/'); sign; sign = this.take('*', '/')) {
      const { over, under } = this.factor();
      const [times, by] = sign === '*' ? [over, under] : [under, over];
      value = { over: value.over * times, under: value.under * by };
    }
    return value;
  }

  private factor(): Fraction {
    const part = this.parts[this.at++] ?? '';
    if (part === '(') return this.closed(this.sum());
    if (/^\d/.test(part)) {
      const [whole = '', digits = ''] = part.split('.');
      return { over: BigInt(whole + digits), under: 10n ** BigInt(digits.length) };
    }
    if (this.parts[this.at++] !== '(') throw new Error(`unexpected ${part}`);
    const { over, under } = this.closed(this.sum());
    if (part === 'half_up') return { over: (2n * over + under) / (2n * under), under: 1n };
    if (part === 'up') return { over: (over + under - 1n) / under, under: 1n };
    if (part === 'down') return { over: over / under, under: 1n };
    throw new Error(`unknown ${part}`);
  }

  private closed(value: Fraction): Fraction {
    if (this.take(')') === undefined) throw new Error('a bracket is not closed');
    return value;
  }

  private take(...wanted: string[]): string | undefined {
    const part = this.parts[this.at];
    if (part === undefined || !wanted.includes(part)) return undefined;
    this.at += 1;
    return part;
  }
}
