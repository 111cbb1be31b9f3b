let counter = 0;

/** The suffix with which Terraform makes names unique: 18 digits of time and 8 hexadecimal digits of a counter. */
export function uniqueSuffix(): string {
  counter += 1;
  const digits = new Date().toISOString().replace(/\D/g, '');
  return `${digits}0${counter.toString(16).padStart(8, '0')}`;
}
