// A small folder of each format with lines as the datasets have them, and what becomes of it. The fuzzer mutates the same.
import type { DatasetConfig } from '../../src/config/experiment.ts';
import type { Tree } from './tree.ts';

export const frames = (
  folder: string,
  number: number,
  name = (i: number) => `${String(i).padStart(5, '0')}.jpg`,
): Tree => Object.fromEntries(Array.from({ length: number }, (_, i) => [`${folder}/${name(i + 1)}`, 'x']));

/** Two classes and the synset above them, as the devkit's meta.mat has them, written by scipy. */
const metaMat = Buffer.from(
  [
    'TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IFN1biBOb3YgMjIgMTc6MjM6NTUgMjAyNgAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSU0PAAAAbQEAAHic7ZRBT8IwFMcLIspBgjeP/QAetqkZnCBRE0iM',
    'MZrgcZlQ18atM20J8g28efGD8hFsXYelmULo1Ze8LP+3/f7d617XBgAcHgDQVFeZdVDEvtZ7Mms65WOALyhHgsv7DXCs6+8yRzcP4/vLwPODaH',
    'SlDB5vi+sq5jmbcrOQpDlfK9BZFk0wSacM0e/Cmig9KBIRRiTBQiOCxYRGJIsTxEFbFrvgp5+m1U/NSBUtXS9i2Vf8wOAbFXzL4DtaUy/w/V7Y',
    '7em68hlu8DmxfJR+IQI+52+ncDxLXxGHWTxhuSB8m/dqW35K8yxOU5gwtFC2wHF/Ct77gy/D5EvOdd2d+bvPgeP6A5e58Lzw7MLoY5NP1Xe8pk',
    'lKOIby8AnEtvPpWD4qYwpLqyeG0PR/Hnbghx8O8yDDD8+9X/qo8mlaPkojKohYbDcHRxavtMCxgHNMJhgS7rqfFeejiq9bfGeFL/umj+v/22Wu',
    'vgDgv108',
  ].join(''),
  'base64',
);

export interface FormatCase {
  name: string;
  files: Tree;
  /** Of `discoverDatasets`: format, samples/classes, then other settings. */
  found: string[];
  config: Partial<DatasetConfig> & Pick<DatasetConfig, 'format'>;
  expected: Record<string, number>;
  samples: string[];
  problems?: string[];
}

export const formatCases: FormatCase[] = [
  {
    name: 'Kinetics-400, CSV, class folders and flat, one file missing',
    files: {
      'annotations/kinetics-400_train.csv':
        'label,youtube_id,time_start,time_end,split,is_cc\n"air drumming",_dbcJuKJQNs,40,50,train,0\nabseiling,0wR5jVB-WPk,417,427,train,0\n',
      'annotations/kinetics-400_val.csv':
        'label,youtube_id,time_start,time_end,split,is_cc\nabseiling,3caPS4FHFF8,36,46,val,0\n"air drumming",-gone-gone-,0,10,val,0\n',
      'train/air drumming/_dbcJuKJQNs_000040_000050.mp4': 'x',
      'train/abseiling/0wR5jVB-WPk_000417_000427.mp4': 'x',
      'val/3caPS4FHFF8.mkv': 'x',
    },
    found: ['kinetics 4/2'],
    config: { format: 'kinetics' },
    expected: { train: 2, val: 2 },
    samples: [
      'train abseiling train/abseiling/0wR5jVB-WPk_000417_000427.mp4',
      'train air drumming train/air drumming/_dbcJuKJQNs_000040_000050.mp4',
      'val abseiling val/3caPS4FHFF8.mkv',
    ],
    problems: [
      'error annotations/kinetics-400_val.csv:3 "air drumming/-gone-gone-_000000_000010.mp4" cannot be read: it does not exist; it is left out.',
    ],
  },
  {
    name: 'Kinetics-700 as DeepMind has it: "validate", no is_cc, JSON beside CSV, a test list without labels',
    files: {
      'validate.csv': 'label,youtube_id,time_start,time_end,split\ntestifying,---QUuC4vJs,84,94,validate\n',
      'validate.json':
        '{\n"---QUuC4vJs": {"annotations": {"label": "testifying", "segment": [84.0, 94.0]}, "duration": 10.0, "subset": "validate"}\n}',
      'train.json':
        '{\n"--0edUL8zmA": {"annotations": {"label": "bowling", "segment": [92, 102]}, "subset": "train"},\n"broken": {"annotations": {"label": "x", "segment": [1, 2]}, "subset": "train"},\n"0000000000a": {"annotations": {"label": "testifying", "segment": [9, 19]}, "subset": "train"}\n}',
      'test.csv': 'youtube_id,time_start,time_end,split\n--0edUL8zmB,92,102,test\n',
      'clips/---QUuC4vJs_000084_000094.mp4': 'x',
      'clips/--0edUL8zmA_000092_000102.mp4': 'x',
      'clips/0000000000a_000009_000019.mp4': 'x',
    },
    found: ['kinetics 3/2'],
    config: { format: 'kinetics' },
    expected: { train: 2, val: 1 },
    samples: [
      'train bowling clips/--0edUL8zmA_000092_000102.mp4',
      'train testifying clips/0000000000a_000009_000019.mp4',
      'val testifying clips/---QUuC4vJs_000084_000094.mp4',
    ],
    problems: [
      'warning test.csv 1 line of this list left out: it has no label, as in a test list.',
      'error train.json:3 "broken" is no YouTube id: it should have 11 letters, digits, "-" or "_".',
    ],
  },
  {
    name: 'Kinetics: several clips of one video, of which one file is missing, and a whole video by its id',
    files: {
      'train.csv':
        'label,youtube_id,time_start,time_end,split\nswim,abcdefghij0,100,110,train\nswim,abcdefghij1,5,15,train\nrun,abcdefghij2,3,13,train\n',
      'validate.csv': 'label,youtube_id,time_start,time_end,split\njog,abcdefghij0,10,20,validate\n',
      'val/jog/abcdefghij0_000010_000020.mp4': 'x',
      'train/swim/abcdefghij1.mp4': 'x',
      'train/run/abcdefghij2_000033_000043.mp4': 'x',
    },
    found: ['kinetics 4/3'],
    config: { format: 'kinetics' },
    expected: { train: 3, val: 1 },
    samples: ['train swim train/swim/abcdefghij1.mp4', 'val jog val/jog/abcdefghij0_000010_000020.mp4'],
    problems: [
      'error train.csv:2 "swim/abcdefghij0_000100_000110.mp4" cannot be read: it does not exist; it is left out.',
      'error train.csv:4 "run/abcdefghij2_000003_000013.mp4" cannot be read: it does not exist; it is left out.',
      'warning . Class "jog" is in val (1 sample) but not in train: it cannot be learned.',
    ],
  },
  {
    name: 'Something-Something V2, JSON lists',
    files: {
      'labels/something-something-v2-labels.json':
        '{\n"Holding something":"16",\n"Holding something next to something":"20"\n}',
      'labels/something-something-v2-train.json':
        '[\n{"id":"78687","label":"holding potato next to vicks vaporub bottle","template":"Holding [something] next to [something]","placeholders":["potato","vicks vaporub bottle"]},\n{"id":"42326","label":"holding cup","template":"Holding [something]","placeholders":["cup"]},\n{"id":"1","label":"x","template":"Eating [something]","placeholders":["x"]}\n]',
      'labels/something-something-v2-validation.json':
        '[\n{"id":"74225","label":"holding a [pen]","template":"Holding [something]","placeholders":["pen"]}]',
      'labels/something-something-v2-test.json': '[{"id":"1420"},{"id":"173"}]',
      '20bn-something-something-v2/78687.webm': 'x',
      '20bn-something-something-v2/42326.webm': 'x',
      '20bn-something-something-v2/74225.webm': 'x',
    },
    found: ['somethingSomething 3/2'],
    config: { format: 'somethingSomething' },
    expected: { train: 2, val: 1 },
    samples: [
      'train Holding something 20bn-something-something-v2/42326.webm',
      'train Holding something next to something 20bn-something-something-v2/78687.webm',
      'val Holding something 20bn-something-something-v2/74225.webm',
    ],
    problems: [
      'warning labels/something-something-v2-test.json 2 lines of this list left out: they have no label, as in a test list.',
      'error labels/something-something-v2-train.json:4 Clip 1 has the label "Eating something", which the list of labels does not have.',
    ],
  },
  {
    name: 'Something-Something V2, frame lists with frame folders',
    files: {
      'something-something-v2-train.json':
        '[{"id":"7","template":"Holding [something]","placeholders":[]},{"id":"8","template":"Opening [something]","placeholders":[]}]',
      'train.csv':
        'original_vido_id video_id frame_id path labels\n7 0 0 7/7_000001.jpg ""\n7 0 1 7/7_000002.jpg ""\n8 1 0 8/8_000001.jpg ""\n',
      'frames/7/7_000001.jpg': 'x',
      'frames/7/7_000002.jpg': 'x',
      'frames/8/8_000001.jpg': 'x',
    },
    found: ['somethingSomething 2/2'],
    config: { format: 'somethingSomething' },
    expected: { train: 2 },
    samples: ['train Opening something frames/8#f=1,1', 'train Holding something frames/7#f=1,2'].reverse(),
  },
  {
    name: 'Moments in Time',
    files: {
      'moments_categories.txt': 'clapping,4\nblocking,7\nadult+female+singing,2\n',
      'trainingSet.csv':
        'blocking/getty-karate-video-id635808620_4.mp4,blocking,3,0\nadult+female+singing/yt-a, b_1.mp4,adult+female+singing,4,0\n'.replace(
          'yt-a, b_1',
          'yt-a b_1',
        ),
      'validationSet.csv': 'clapping/yt-x_9.mp4,clapping,3,1\nclapping/yt-x_8.mp4,claping,3,1\n',
      'training/blocking/getty-karate-video-id635808620_4.mp4': 'x',
      'training/adult+female+singing/yt-a b_1.mp4': 'x',
      'training/clapping/': '',
      'validation/clapping/yt-x_9.mp4': 'x',
    },
    found: ['momentsInTime 3/3'],
    config: { format: 'momentsInTime' },
    expected: { train: 2, val: 1 },
    samples: [
      'train adult+female+singing training/adult+female+singing/yt-a b_1.mp4',
      'train blocking training/blocking/getty-karate-video-id635808620_4.mp4',
      'val clapping validation/clapping/yt-x_9.mp4',
    ],
    problems: [
      'error validationSet.csv:2 "clapping/yt-x_8.mp4" has the label "claping", which moments_categories.txt does not have.',
      'warning . Class "clapping" is in val (1 sample) but not in train: it cannot be learned.',
    ],
  },
  {
    name: 'ImageNet-1k as Kaggle packs it, with a flat validation folder',
    files: {
      'LOC_synset_mapping.txt': 'n01440764 tench, Tinca tinca\nn01751748 sea snake\n',
      'LOC_val_solution.csv':
        'ImageId,PredictionString\nILSVRC2012_val_00000001,n01751748 156 48 272 332\nILSVRC2012_val_00000002,n01440764 1 2 3 4 n01440764 5 6 7 8\n',
      'ILSVRC/Data/CLS-LOC/train/n01440764/n01440764_18.JPEG': 'x',
      'ILSVRC/Data/CLS-LOC/train/n01751748/n01751748_1.JPEG': 'x',
      'ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_00000001.JPEG': 'x',
      'ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_00000002.JPEG': 'x',
      'ILSVRC/Data/CLS-LOC/test/ILSVRC2012_test_00000001.JPEG': 'x',
    },
    found: ['imageNet 4/2'],
    config: { format: 'imageNet', kind: 'image' },
    expected: { train: 2, val: 2 },
    samples: [
      'train n01440764 tench train/n01440764/n01440764_18.JPEG',
      'train n01751748 sea snake train/n01751748/n01751748_1.JPEG',
      'val n01440764 tench val/ILSVRC2012_val_00000002.JPEG',
      'val n01751748 sea snake val/ILSVRC2012_val_00000001.JPEG',
    ],
  },
  {
    name: 'ImageNet with the devkit’s ground truth',
    files: {
      'devkit/map_clsloc.txt': 'n02119789 1 kit_fox\nn02100735 2 English_setter\n',
      'devkit/ILSVRC2012_validation_ground_truth.txt': '2\n1\n7\n',
      'train/n02119789/a.JPEG': 'x',
      'train/n02100735/b.JPEG': 'x',
      'val/ILSVRC2012_val_00000001.JPEG': 'x',
      'val/ILSVRC2012_val_00000002.JPEG': 'x',
    },
    found: ['imageNet 4/2'],
    config: { format: 'imageNet', kind: 'image' },
    expected: { train: 2, val: 2 },
    samples: [
      'train n02100735 English setter train/n02100735/b.JPEG',
      'train n02119789 kit fox train/n02119789/a.JPEG',
      'val n02100735 English setter val/ILSVRC2012_val_00000001.JPEG',
      'val n02119789 kit fox val/ILSVRC2012_val_00000002.JPEG',
    ],
    problems: ['error devkit/ILSVRC2012_validation_ground_truth.txt:3 This line should be the number of a class.'],
  },
  {
    name: 'ImageNet with the devkit’s own table of classes',
    files: {
      'ILSVRC2012_devkit_t12/data/meta.mat': metaMat,
      'ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt': '2\n1\n',
      'train/n02119789/a.JPEG': 'x',
      'train/n02100735/b.JPEG': 'x',
      'val/ILSVRC2012_val_00000001.JPEG': 'x',
      'val/ILSVRC2012_val_00000002.JPEG': 'x',
    },
    found: ['imageNet 4/2'],
    config: { format: 'imageNet', kind: 'image' },
    expected: { train: 2, val: 2 },
    samples: [
      'train n02100735 English setter train/n02100735/b.JPEG',
      'train n02119789 kit fox train/n02119789/a.JPEG',
      'val n02100735 English setter val/ILSVRC2012_val_00000001.JPEG',
      'val n02119789 kit fox val/ILSVRC2012_val_00000002.JPEG',
    ],
  },
  {
    name: 'ImageNet-21k: synset folders without splits',
    files: { 'n00004475/1.JPEG': 'x', 'n00004475/2.JPEG': 'x', 'n00005787/1.JPEG': 'x', 'n00005787/2.JPEG': 'x' },
    found: ['imageNet 4/2'],
    config: { format: 'imageNet', kind: 'image', holdOut: 0 },
    expected: {},
    samples: [
      'train n00004475 n00004475/1.JPEG',
      'train n00004475 n00004475/2.JPEG',
      'train n00005787 n00005787/1.JPEG',
      'train n00005787 n00005787/2.JPEG',
    ],
  },
  {
    name: 'UCF101, second fold',
    files: {
      'ucfTrainTestlist/classInd.txt': '1 ApplyEyeMakeup\n2 ApplyLipstick\n',
      'ucfTrainTestlist/trainlist01.txt': 'ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1\n',
      'ucfTrainTestlist/testlist01.txt': 'ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi\n',
      'ucfTrainTestlist/trainlist02.txt':
        'ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi 1\r\nApplyLipstick/v_ApplyLipstick_g01_c01.avi 2\r\nApplyLipstick/v_ApplyLipstick_g01_c01.avi 3\r\n',
      'ucfTrainTestlist/testlist02.txt': 'ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi\n',
      'UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi': 'x',
      'UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi': 'x',
      'UCF-101/ApplyLipstick/v_ApplyLipstick_g01_c01.avi': 'x',
    },
    found: ['ucf101 2/1'],
    config: { format: 'ucf101', fold: 2 },
    expected: { train: 2, test: 1 },
    samples: [
      'train ApplyEyeMakeup UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi',
      'train ApplyLipstick UCF-101/ApplyLipstick/v_ApplyLipstick_g01_c01.avi',
      'test ApplyEyeMakeup UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi',
    ],
    problems: [
      'error ucfTrainTestlist/trainlist02.txt:3 The class "ApplyLipstick" has the number 3 here, but classInd.txt says 2.',
    ],
  },
  {
    name: 'HMDB51: 0 is unused, names with any characters',
    files: {
      'splits/brush_hair_test_split1.txt':
        'April_09_brush_hair_u_nm_np1_ba_goo_0.avi 1 \n#20_Rhythm_clap_u.avi 2 \nunused_0.avi 0 \n',
      'splits/sword_exercise_test_split1.txt': 'Two words_(1)_u.avi 1 \nwrong\n',
      'videos/brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi': 'x',
      'videos/brush_hair/#20_Rhythm_clap_u.avi': 'x',
      'videos/sword_exercise/Two words_(1)_u.avi': 'x',
    },
    found: ['hmdb51 3/2'],
    config: { format: 'hmdb51' },
    expected: { train: 2, test: 1 },
    samples: [
      'train brush_hair videos/brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi',
      'train sword_exercise videos/sword_exercise/Two words_(1)_u.avi',
      'test brush_hair videos/brush_hair/#20_Rhythm_clap_u.avi',
    ],
    problems: [
      'error splits/sword_exercise_test_split1.txt:2 This line should be a file name and 0 (unused), 1 (train) or 2 (test).',
    ],
  },
  {
    name: 'Jester: frame folders, an empty one',
    files: {
      'jester-v1-labels.csv': 'Drumming Fingers\nSwiping Left\n',
      'jester-v1-train.csv': '34870;Drumming Fingers\n56557;Swiping Left\n7;Swiping Left\n',
      'jester-v1-validation.csv': '9223;Drumming Fingers\n',
      'jester-v1-test.csv': '1\n2\n',
      ...frames('20bn-jester-v1/34870', 3),
      ...frames('20bn-jester-v1/56557', 2),
      ...frames('20bn-jester-v1/9223', 1),
      '20bn-jester-v1/7/': '',
    },
    found: ['jester 4/2'],
    config: { format: 'jester' },
    expected: { train: 3, val: 1 },
    samples: [
      'train Drumming Fingers 20bn-jester-v1/34870',
      'train Swiping Left 20bn-jester-v1/56557',
      'val Drumming Fingers 20bn-jester-v1/9223',
    ],
    problems: [
      'warning jester-v1-test.csv 2 lines of this list left out: they have no label, as in a test list.',
      'error jester-v1-train.csv:3 "20bn-jester-v1/7" has no numbered images such as img_00001.jpg; it is left out.',
    ],
  },
  {
    name: 'Diving48 V2',
    files: {
      'Diving48_vocab.json': '[["Back", "15som", "05Twis", "FREE"], ["Back", "15som", "15Twis", "FREE"]]',
      'Diving48_V2_train.json':
        '[\n{"vid_name": "_8Vy3dlHg2w_00000", "label": 0, "start_frame": 0, "end_frame": 241},\n{"vid_name": "_8Vy3dlHg2w_00001", "label": 1, "start_frame": 0, "end_frame": 90}]',
      'Diving48_V2_test.json':
        '[{"vid_name": "6dW3leqShpY_00041", "label": 1, "start_frame": 0, "end_frame": 9},\n{"vid_name": "a", "label": 48}]',
      'rgb/_8Vy3dlHg2w_00000.mp4': 'x',
      'rgb/_8Vy3dlHg2w_00001.mp4': 'x',
      'rgb/6dW3leqShpY_00041.mp4': 'x',
    },
    found: ['diving48 3/2'],
    config: { format: 'diving48' },
    expected: { train: 2, test: 1 },
    samples: [
      'train Back+15som+05Twis+FREE rgb/_8Vy3dlHg2w_00000.mp4',
      'train Back+15som+15Twis+FREE rgb/_8Vy3dlHg2w_00001.mp4',
      'test Back+15som+15Twis+FREE rgb/6dW3leqShpY_00041.mp4',
    ],
    problems: ['error Diving48_V2_test.json:2 Clip a has the label 48, which the vocabulary does not have.'],
  },
  {
    name: 'EPIC-Kitchens: nouns, of a video and of a frame folder',
    files: {
      'epic-kitchens-100-annotations/EPIC_100_train.csv':
        "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes\nP01_102_0,P01,P01_102,00:00:01.100,00:00:00.54,00:00:02.23,27,111,take knife and plate,take,0,knife,1,\"['knife', 'plate']\",\"[1, 0]\"\nP01_102_1,P01,P01_102,00:00:03.100,00:00:02.5,00:00:04.00,125,200,wash plate,wash,1,plate,0,['plate'],[0]\nP01_103_1,P01,P01_103,00:00:03.100,00:00:00.02,00:00:00.06,1,3,wash plate,wash,1,plate,0,['plate'],[0]\nP01_102_2,P01,P01_102,00:00:03.100,00:00:05,00:00:04,1,2,x,x,1,x,0,[],[]\n",
      'epic-kitchens-100-annotations/EPIC_100_verb_classes.csv':
        'id,key,instances,category\n0,take,"[\'take\']",retrieve\n1,wash,"[]",clean\n',
      'epic-kitchens-100-annotations/EPIC_100_noun_classes.csv':
        'id,key,instances,category\n0,plate,"[]",crockery\n1,knife,"[]",cutlery\n',
      'EPIC-KITCHENS/P01/videos/P01_102.MP4': 'x',
      ...frames('EPIC-KITCHENS/P01/rgb_frames/P01_103', 4, (i) => `frame_${String(i).padStart(10, '0')}.jpg`),
    },
    found: ['epicKitchens 3/2 column=verb', 'epicKitchens 3/2 column=noun'],
    config: { format: 'epicKitchens', column: 'noun' },
    expected: { train: 3 },
    samples: [
      'train knife EPIC-KITCHENS/P01/videos/P01_102.MP4#t=0.54,2.23',
      'train plate EPIC-KITCHENS/P01/rgb_frames/P01_103#f=1,3',
      'train plate EPIC-KITCHENS/P01/videos/P01_102.MP4#t=2.5,4',
    ],
    problems: [
      'error epic-kitchens-100-annotations/EPIC_100_train.csv:5 start_timestamp and stop_timestamp should be such as 00:00:00.54, the start first.',
    ],
  },
  {
    name: 'mmaction2 videos, paths with spaces, a label map',
    files: {
      'label_map.txt': 'abseiling\nair drumming\n',
      'set_train_list_videos.txt': 'abseiling/a b.mp4 0\nair drumming/2 1.mp4 1\nair drumming/3.mp4 5\n',
      'set_val_list_videos.txt': 'abseiling/c.mp4 0\nabseiling/c.mp4 0\n',
      'videos_train/abseiling/a b.mp4': 'x',
      'videos_train/air drumming/2 1.mp4': 'x',
      'videos_val/abseiling/c.mp4': 'x',
    },
    found: ['mmaction2 4/2'],
    config: { format: 'mmaction2' },
    expected: { train: 2, val: 1 },
    samples: [
      'train abseiling videos_train/abseiling/a b.mp4',
      'train air drumming videos_train/air drumming/2 1.mp4',
      'val abseiling videos_val/abseiling/c.mp4',
    ],
    problems: [
      'error set_train_list_videos.txt:3 The label 5 has no line in the label map, which has 2.',
      'warning set_val_list_videos.txt:2 "videos_val/abseiling/c.mp4" stands in line 1 already; this line is left out.',
    ],
  },
  {
    name: 'mmaction2 frame folders, one with frames missing',
    files: {
      'train_rawframes.txt': 'some/directory-1 3 1\nsome/directory 2 4 0\n',
      ...frames('some/directory-1', 3, (i) => `img_${String(i).padStart(5, '0')}.jpg`),
      ...frames('some/directory 2', 3, (i) => `img_${String(i).padStart(5, '0')}.jpg`),
    },
    found: ['mmaction2 2/2'],
    config: { format: 'mmaction2' },
    expected: { train: 2 },
    samples: ['train 0 some/directory 2', 'train 1 some/directory-1'],
    problems: ['warning train_rawframes.txt:2 "some/directory 2" has 3 of 4 frames; what is there is used.'],
  },
  {
    name: 'FiftyOne classification export',
    files: {
      'labels.json':
        '{\n  "classes": ["cat", "dog"],\n  "labels": {\n    "000001": 0,\n    "000002": 1,\n    "000003": 9,\n    "000004": null\n  }\n}',
      'data/000001.jpg': 'x',
      'data/000002.png': 'x',
      'data/000003.png': 'x',
    },
    found: ['fiftyOne 2/2'],
    config: { format: 'fiftyOne', kind: 'image', holdOut: 0 },
    expected: {},
    samples: ['train cat data/000001.jpg', 'train dog data/000002.png'],
    problems: [
      'error labels.json:6 "000003" has the label 9, which "classes" does not have.',
      'warning labels.json 1 line of this list left out: it has no label, as in a test list.',
    ],
  },
];
