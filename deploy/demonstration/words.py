"""States, organisations, and the words that names of invented persons and events are made of."""

# ISO 3166-1 alpha-3 in lower case, CLDR region code, name in use, city for meetings, its time zone.
STATES = [
    ('aus', 'AU', 'Australia', 'Brisbane', 'Australia/Brisbane'),
    ('bgd', 'BD', 'Bangladesh', 'Dhaka', 'Asia/Dhaka'),
    ('brn', 'BN', 'Brunei Darussalam', 'Bandar Seri Begawan', 'Asia/Brunei'),
    ('chn', 'CN', 'China', 'Kunming', 'Asia/Shanghai'),
    ('fji', 'FJ', 'Fiji', 'Suva', 'Pacific/Fiji'),
    ('idn', 'ID', 'Indonesia', 'Yogyakarta', 'Asia/Jakarta'),
    ('ind', 'IN', 'India', 'Chennai', 'Asia/Kolkata'),
    ('jpn', 'JP', 'Japan', 'Osaka', 'Asia/Tokyo'),
    ('khm', 'KH', 'Cambodia', 'Siem Reap', 'Asia/Phnom_Penh'),
    ('kor', 'KR', 'Republic of Korea', 'Busan', 'Asia/Seoul'),
    ('lao', 'LA', "Lao People's Democratic Republic", 'Luang Prabang', 'Asia/Vientiane'),
    ('lka', 'LK', 'Sri Lanka', 'Kandy', 'Asia/Colombo'),
    ('mdv', 'MV', 'Maldives', 'Malé', 'Indian/Maldives'),
    ('mmr', 'MM', 'Myanmar', 'Mandalay', 'Asia/Yangon'),
    ('mys', 'MY', 'Malaysia', 'Penang', 'Asia/Kuala_Lumpur'),
    ('npl', 'NP', 'Nepal', 'Pokhara', 'Asia/Kathmandu'),
    ('nzl', 'NZ', 'New Zealand', 'Auckland', 'Pacific/Auckland'),
    ('pak', 'PK', 'Pakistan', 'Lahore', 'Asia/Karachi'),
    ('phl', 'PH', 'Philippines', 'Cebu', 'Asia/Manila'),
    ('png', 'PG', 'Papua New Guinea', 'Lae', 'Pacific/Port_Moresby'),
    ('slb', 'SB', 'Solomon Islands', 'Honiara', 'Pacific/Guadalcanal'),
    ('tha', 'TH', 'Thailand', 'Chiang Mai', 'Asia/Bangkok'),
    ('tls', 'TL', 'Timor-Leste', 'Dili', 'Asia/Dili'),
    ('vnm', 'VN', 'Viet Nam', 'Da Nang', 'Asia/Ho_Chi_Minh'),
]
OBSERVERS = [('can', 'CA', 'Canada'), ('deu', 'DE', 'Germany'), ('nor', 'NO', 'Norway')]
ORGANISATIONS = [('iom', 'International Organization for Migration', 'IOM'),
                 ('unodc', 'United Nations Office on Drugs and Crime', 'UNODC')]

GIVEN = ['Adi', 'Amira', 'Bao', 'Charlotte', 'Dewi', 'Hana', 'Imran', 'José', 'Kiri', 'Lan', 'Mele',
         'Nadia', 'Oum', 'Phan', 'Ravi', 'Sione', 'Thida', 'Unni', 'Wei', 'Zahra']
FAMILY = ['Abello', 'Bounyang', 'Chandra', 'Dela Cruz', 'Fernando', 'Gurung', 'Hassan', 'Ishikawa',
          'Kaur', 'Le', 'Maung', 'Ngata', 'Othman', 'Park', 'Rahman', 'Sok', 'Tuilagi', 'Vatuwaqa',
          'Wirawan', 'Zhao']
# Officials in their own scripts: state, name, name in Latin letters, language of the name.
IN_OWN_SCRIPT = [
    ('tha', 'สมชาย ใจดี', 'Somchai Jaidee', 'th'), ('khm', 'សុខ វណ្ណា', 'Sok Vanna', 'km'),
    ('lao', 'ບຸນມີ ສີສະຫວາດ', 'Bounmy Sisavath', 'lo'), ('mmr', 'အောင်မြင့်', 'Aung Myint', 'my'),
    ('chn', '李明', 'Li Ming', 'zh'), ('kor', '김서연', 'Kim Seo-yeon', 'ko'),
    ('jpn', '石川 花', 'Hana Ishikawa', 'ja'), ('pak', 'عائشہ خان', 'Ayesha Khan', 'ur'),
    ('npl', 'सीता गुरुङ', 'Sita Gurung', 'ne'), ('vnm', 'Nguyễn Thị Lan', 'Nguyen Thi Lan', 'vi'),
]

SUBJECTS = ['victim identification', 'maritime interception', 'document fraud', 'safe return',
            'financial investigation', 'online recruitment', 'interpreting for victims',
            'border data', 'forced labour in supply chains', 'digital evidence']
AGENCIES = ['Immigration Department', 'National Police', 'Coast Guard', 'Ministry of Labour',
            'Office of the Prosecutor', 'Ministry of Social Welfare']
AREAS = [('law-enforcement', 'Law enforcement'), ('protection', 'Protection of victims'),
         ('borders', 'Border management'), ('returns', 'Returns and reintegration'),
         ('business', 'Work with business')]


def person(random):
    return '{} {}'.format(random.choice(GIVEN), random.choice(FAMILY))
