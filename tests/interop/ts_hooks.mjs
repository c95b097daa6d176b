// Departure 4: a ratchet tree is refused unless the unmerged_leaves of all nodes above an unmerged leaf are equal lists.
// RFC 9420 section 12.4.3.1 asks only that the nodes between that leaf and the node that lists it list it too, so ts-mls
// refuses valid trees. The comparison of lists has this one caller; here it answers that the lists agree.
const kCaller = /\/ts-mls\/dist\/src\/clientState\.js$/;
const kAgreeing = `data:text/javascript,${encodeURIComponent('export const arraysEqual = () => true;')}`;

export function resolve(specifier, context, next) {
  if (specifier === './util/array.js' && kCaller.test(context.parentURL)) {
    return { url: kAgreeing, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}
