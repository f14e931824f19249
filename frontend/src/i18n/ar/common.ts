import type { Problem } from '$api/client';
import type {
  AgeBand,
  Channel,
  ConsultationState,
  FieldCode,
  Gender,
  ParticipantType,
  Population,
  ProposalState,
  RefusalReason,
  PersonalKind,
  WithholdReason,
} from '$api/schema';

import { plural } from '../message';

const problem: Record<Problem['code'], string> = {
  network: 'لم نتمكن من الاتصال بالموقع. تحقق من الشبكة ثم أعد المحاولة.',
  malformed_json: 'لم يفهم الموقع هذا الطلب. أعد تحميل الصفحة ثم حاول من جديد.',
  unknown_parameter: 'في العنوان جزء لا نعرفه. ارجع إلى الصفحة السابقة وحاول من جديد.',
  invalid_parameter: 'في العنوان جزء غير صحيح. ارجع إلى الصفحة السابقة وحاول من جديد.',
  validation_failed: 'بعض الخانات تحتاج إلى تصحيح.',
  payload_too_large: 'النص أطول مما يمكن استقباله. اختصره ثم أعد الإرسال.',
  unsupported_media_type: 'لم يفهم الموقع هذا الطلب. أعد تحميل الصفحة ثم حاول من جديد.',
  unreadable_picture: 'لا يمكن قراءة هذه الصورة. اختر صورة أخرى.',
  too_many_pixels: 'هذه الصورة أكبر مما يمكن استقباله. اختر صورة أصغر.',
  unreadable_file: 'تعذرت قراءة هذا الملف. احفظوه بصيغة XLSX أو «CSV UTF-8» ثم أرسلوه من جديد.',
  request_timeout: 'انقطع الإرسال قبل أن يكتمل. تحقق من الاتصال ثم أعد الإرسال.',
  not_found: 'لم نجد ما تبحث عنه.',
  method_not_allowed: 'لم يفهم الموقع هذا الطلب. أعد تحميل الصفحة ثم حاول من جديد.',
  unauthenticated: 'انتهت جلستك. سجل الدخول من جديد لتواصل.',
  bad_credentials: 'البريد أو كلمة السر غير صحيح.',
  second_factor_required: 'ينقص العامل الثاني. ادخل من جديد لتعطيه.',
  invitation_over: 'لم يعد هذا الرابط صالحا. اطلب دعوة جديدة.',
  forbidden: 'هذه الصفحة ليست ضمن صلاحياتك.',
  cross_site: 'جاء الطلب من موقع آخر فرُفض. افتح الموقع مباشرة ثم حاول من جديد.',
  receipt_unknown: 'لا نعرف هذا الرمز. راجعه حرفا حرفا في الوصل.',
  if_match_required: 'أعد تحميل الصفحة ثم حاول من جديد.',
  version_conflict: 'سبقك شخص آخر إلى تعديل هذا. أعد التحميل لترى آخر نسخة.',
  illegal_transition: 'لم تعد هذه الخطوة ممكنة في الحالة الراهنة. أعد التحميل لترى آخر حالة.',
  consultation_not_open: 'التشاور لا يستقبل مقترحات في الوقت الحالي.',
  unanswered_proposals: 'لا يزال بعض المقترحات بلا جواب معلل.',
  second_person_required: 'تحتاج هذه الخطوة إلى شخص ثان.',
  blocking_findings: 'بقيت ملاحظات مانعة في المسودة.',
  already_signed: 'سبق أن وقعت هذه النسخة.',
  signatures_missing: 'لا تزال توقيعات ناقصة.',
  approval_over: 'استُعمل هذا الطلب أو انقضى أجله. قدم طلبا جديدا إن احتجت إلى الملف.',
  import_has_mistakes: 'في بعض السطور أخطاء. صححوها، أو اختاروا تركها.',
  appeal_window_over: 'انقضى أجل طلب إعادة النظر.',
  email_taken: 'هذا البريد مستعمل في حساب آخر.',
  idempotency_key_reused: 'أُرسل هذا المقترح من قبل بنص آخر. أعد تحميل الصفحة ثم أرسل من جديد.',
  too_many_requests: 'محاولات كثيرة في وقت قصير. انتظر قليلا ثم أعد المحاولة.',
  too_busy: 'الضغط كبير على الموقع الآن. انتظر دقيقة ثم أعد المحاولة.',
  unavailable: 'الموقع متوقف مؤقتا. انتظر قليلا ثم أعد المحاولة.',
  internal: 'وقع خلل عندنا، وليس بسببك. أعد المحاولة بعد قليل.',
};

const field: Record<FieldCode, string> = {
  required: 'هذه الخانة ضرورية.',
  too_short: 'النص قصير: {min} حرفا على الأقل.',
  too_long: 'النص طويل: {max} حرفا على الأكثر.',
  invalid: 'هذه القيمة غير صحيحة.',
  unknown: 'هذه القيمة غير معروفة.',
  not_allowed: 'هذه القيمة غير مقبولة هنا.',
  control_character: 'في النص حرف خفي لا يمكن حفظه. اكتب النص من جديد أو احذف ما نسخته.',
  not_in_range: 'يجب أن تكون القيمة بين {min} و{max}.',
  too_common: 'يسهل تخمينها: كلمة سر معروفة، أو فيها بريدك أو اسم الموقع. اختر جملة من عندك.',
  duplicate: 'هذه القيمة مكررة.',
};

const channel: Record<Channel, string> = {
  digital: 'التشاور الرقمي',
  territorial_meeting: 'لقاء ترابي',
  thematic_meeting: 'لقاء موضوعاتي',
  petition: 'عريضة',
  advisory_opinion: 'رأي استشاري',
};

const state: Record<ProposalState, string> = {
  submitted: 'في انتظار القراءة',
  clarification_requested: 'سؤال إلى صاحبه',
  retained: 'احتفظت به اللجنة',
  merged: 'ضُم إلى مقترح شبيه',
  redirected: 'أُحيل على جهة مختصة',
  not_retained: 'لم يُحتفظ به',
  withheld: 'محجوب',
  withdrawn: 'سحبه صاحبه',
  drafted: 'دخل مسودة هدف',
  adopted: 'صار التزاما',
};

const ageBand: Record<AgeBand, string> = {
  under_15: 'أقل من 15 سنة',
  '15_24': 'من 15 إلى 24 سنة',
  '25_34': 'من 25 إلى 34 سنة',
  '35_49': 'من 35 إلى 49 سنة',
  '50_64': 'من 50 إلى 64 سنة',
  '65_plus': '65 سنة فما فوق',
  not_stated: 'أفضل ألا أجيب',
};

const gender: Record<Gender, string> = { female: 'امرأة', male: 'رجل', not_stated: 'أفضل ألا أجيب' };

const participantType: Record<ParticipantType, string> = {
  citizen: 'مواطنة أو مواطن',
  civil_society: 'المجتمع المدني',
  academic: 'جامعة أو بحث علمي',
  private_sector: 'القطاع الخاص',
  public_sector: 'القطاع العام',
  elected_official: 'منتخبة أو منتخب',
  not_stated: 'أفضل ألا أجيب',
};

const population: Record<Population, string> = {
  women: 'النساء',
  youth: 'الشباب',
  children: 'الأطفال',
  elderly: 'كبار السن',
  people_with_disabilities: 'الأشخاص في وضعية إعاقة',
  rural: 'سكان العالم القروي',
  migrants: 'المهاجرون',
  all: 'جميع السكان',
};

const refusalReason: Record<RefusalReason, string> = {
  duplicate_of_existing_programme: 'يوجد برنامج قائم يقوم بهذا',
  not_a_proposal: 'النص لا يقترح عملا يمكن إنجازه',
  not_feasible: 'يتعذر إنجازه بالوسائل المتاحة',
  contrary_to_law: 'يخالف القانون',
  outside_axes: 'خارج محاور هذا التشاور',
  insufficient_information: 'المعلومات غير كافية',
};

const withholdReason: Record<WithholdReason, string> = {
  personal_data: 'معطيات شخصية',
  threat: 'تهديد',
  hate: 'كراهية',
  defamation: 'قذف',
};

const personalKind: Record<PersonalKind, string> = {
  email: 'بريد إلكتروني',
  phone: 'رقم هاتف',
  national_id: 'رقم بطاقة وطنية',
  bank_account: 'حساب بنكي',
  vehicle_plate: 'رقم سيارة',
};

const consultationState: Record<ConsultationState, string> = {
  draft: 'قيد الإعداد',
  open: 'مفتوح',
  closed: 'مغلق',
  published: 'نُشرت نتائجه',
  archived: 'محفوظ',
};

/** The words that every page shares, and the name of every code of the API that the public may see. */
export const common = {
  siteName: 'تشاور',
  tagline: 'تشاور الجهة مع مواطناتها ومواطنيها',
  titlePattern: '{page} · تشاور',
  skip: 'إلى محتوى الصفحة',
  menu: 'القائمة',
  mainNavigation: 'التنقل الرئيسي',
  nav: {
    home: 'الرئيسية',
    propose: 'أقدم مقترحا',
    proposals: 'المقترحات',
    numbers: 'الأرقام',
    followUp: 'تتبع مقترحي',
    about: 'عن الموقع ومعطياتك',
    privacy: 'معطياتك الشخصية',
    ledger: 'السجل العلني',
    staff: 'فضاء اللجنة',
    signIn: 'دخول أعضاء اللجنة',
  },
  otherLanguage: 'Lire cette page en français',
  footer: {
    who: 'موقع التشاور العمومي لمجلس جهة طنجة - تطوان - الحسيمة',
    free: 'برنامج حر، رخصة EUPL 1.2',
    fonts: 'الخط: Noto Sans، رخصة OFL',
  },
  demo: 'نسخة للتجربة',
  demoPart: 'جزء مما تقرأه هنا من وضعنا',
  notFound: {
    title: 'هذه الصفحة غير موجودة',
    text: 'ربما تغير العنوان أو كُتب ناقصا. يمكنك أن تبحث في المقترحات أو تعود إلى الرئيسية.',
  },
  broken: { title: 'تعذر عرض الصفحة', text: 'وقع خلل عندنا، وليس بسببك. أعد تحميل الصفحة بعد قليل.' },
  noConsultation: 'لا يوجد تشاور في الوقت الحالي. عد لاحقا.',
  loading: 'جار التحميل…',
  retry: 'أعيد المحاولة',
  problemTitle: 'تعذر عرض هذه الصفحة',
  waitMinutes: plural({
    one: 'أعد المحاولة بعد دقيقة.',
    two: 'أعد المحاولة بعد دقيقتين.',
    few: 'أعد المحاولة بعد {n} دقائق.',
    many: 'أعد المحاولة بعد {n} دقيقة.',
    other: 'أعد المحاولة بعد {n} دقيقة.',
  }),
  requestId: 'رقم الطلب، إن أردت مراسلتنا: {id}',
  whole_region: 'الجهة كلها',
  outside_region: 'خارج الجهة',
  not_stated: 'أفضل ألا أجيب',
  notStatedCount: 'لم يُذكر',
  /** Between a label and its value. */
  colon: ':',
  /** Between the items of a list. */
  comma: '، ',
  optional: '(اختياري)',
  cancel: 'إلغاء',
  close: 'إغلاق',
  all: 'الكل',
  errorSummary: plural({
    one: 'خانة واحدة تحتاج إلى تصحيح',
    two: 'خانتان تحتاجان إلى تصحيح',
    few: '{n} خانات تحتاج إلى تصحيح',
    many: '{n} خانة تحتاج إلى تصحيح',
    other: '{n} خانة تحتاج إلى تصحيح',
  }),
  language: { ar: 'العربية', fr: 'الفرنسية' },
  problem,
  field,
  channel,
  state,
  ageBand,
  gender,
  participantType,
  population,
  refusalReason,
  withholdReason,
  personalKind,
  consultationState,
};
