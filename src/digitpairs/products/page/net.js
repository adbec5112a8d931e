// A trained net's pass forward, in plain JavaScript. Arrays are (channels, rows, columns), flat.

function numbersOf(net) {
  const text = atob(net.weights);
  const bytes = Uint8Array.from(text, (one) => one.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
}

// A 3x3 convolution, say: `shape` is (outputs, inputs, kernel, kernel).
function convolve({ shape, start }, numbers, image) {
  const [outputs, inputs, kernel] = shape;
  const side = Math.sqrt(image.length / inputs);
  const small = side - kernel + 1;
  const biases = start + outputs * inputs * kernel * kernel;
  const result = new Float64Array(outputs * small * small);
  for (let out = 0; out < outputs; out += 1) {
    for (let y = 0; y < small; y += 1) {
      for (let x = 0; x < small; x += 1) {
        let sum = numbers[biases + out];
        for (let input = 0; input < inputs; input += 1) {
          for (let ky = 0; ky < kernel; ky += 1) {
            const weights = start + ((out * inputs + input) * kernel + ky) * kernel;
            const pixels = (input * side + y + ky) * side + x;
            for (let kx = 0; kx < kernel; kx += 1) sum += numbers[weights + kx] * image[pixels + kx];
          }
        }
        result[(out * small + y) * small + x] = sum;
      }
    }
  }
  return result;
}

function multiply({ shape, start }, numbers, input) {
  const [outputs, inputs] = shape;
  return Float64Array.from({ length: outputs }, (_, out) => {
    let sum = numbers[start + outputs * inputs + out];
    for (let at = 0; at < inputs; at += 1) sum += numbers[start + out * inputs + at] * input[at];
    return sum;
  });
}

const scaleChannels = ({ shape, start }, numbers, image) => {
  const [channels] = shape;
  const pixels = image.length / channels;
  return image.map((value, at) => {
    const channel = Math.floor(at / pixels);
    return value * numbers[start + channel] + numbers[start + channels + channel];
  });
};

// The largest of each 2x2 window. `channels` are those of the last layer with weights.
function pool(image, channels) {
  const side = Math.sqrt(image.length / channels);
  const half = Math.floor(side / 2);
  const result = new Float64Array(channels * half * half);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let y = 0; y < half; y += 1) {
      for (let x = 0; x < half; x += 1) {
        const corner = (channel * side + 2 * y) * side + 2 * x;
        result[(channel * half + y) * half + x] = Math.max(
          image[corner], image[corner + 1], image[corner + side], image[corner + side + 1],
        );
      }
    }
  }
  return result;
}

function pass(layers, numbers, input) {
  let values = Float64Array.from(input);
  let channels = 1;
  for (const layer of layers) {
    if (layer.shape) [channels] = layer.shape;
    if (layer.kind === "Conv2d") values = convolve(layer, numbers, values);
    else if (layer.kind === "Linear") values = multiply(layer, numbers, values);
    else if (layer.kind === "Scale") values = scaleChannels(layer, numbers, values);
    else if (layer.kind === "ReLU") values = values.map((one) => Math.max(0, one));
    else if (layer.kind === "MaxPool2d") values = pool(values, channels);
    else if (layer.kind !== "Flatten") throw new Error(`unknown layer ${layer.kind}`);
  }
  return values;
}

function softmax(logits) {
  const most = Math.max(...logits);
  const parts = Array.from(logits, (one) => Math.exp(one - most));
  const sum = parts.reduce((total, one) => total + one, 0);
  return parts.map((one) => one / sum);
}

// What a net says of two images, pixel sums (14 x 14) from 0 to 1,020: P(first <= second) and, of a
// siamese net, the probabilities of both digits and P(first <= second) by these.
function answer(net, first, second) {
  net.numbers ??= numbersOf(net);
  const scaled = [first, second].map((image) => image.map((one) => (one / 1020 - net.scale.mean) / net.scale.std));
  if (!net.head.length) {
    const logits = pass(net.branches[0], net.numbers, [...scaled[0], ...scaled[1]]);
    return { yes: softmax(logits)[1], digits: null, byDigits: null };
  }
  const logits = scaled.map((image, at) => pass(net.branches[at] ?? net.branches[0], net.numbers, image));
  const yes = softmax(pass(net.head, net.numbers, [...logits[0], ...logits[1]]))[1];
  const digits = logits.map(softmax);
  let byDigits = 0;
  digits[0].forEach((p, one) => digits[1].forEach((q, other) => (byDigits += one <= other ? p * q : 0)));
  return { yes, digits, byDigits };
}
